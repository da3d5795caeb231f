/** Downloads a file in the browser. */
export const saveFile = (name: string, content: BlobPart[], type: string) => {
  const address = URL.createObjectURL(new Blob(content, { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
};
