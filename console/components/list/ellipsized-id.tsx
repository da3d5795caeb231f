/** IDs often differ in their last characters alone. */
const END = 8;

/** A long ID without its middle, as far as the column is too narrow. The tooltip and screen readers have the whole. */
export const EllipsizedId = ({ text }: { text: string }) => {
  if (text.length <= 2 * END) return <span title={text}>{text}</span>;
  return (
    <span className="ellipsized-id" title={text}>
      <span className="for-screen-readers">{text}</span>
      <span className="start" aria-hidden="true">
        {text.slice(0, -END)}
      </span>
      <span aria-hidden="true">{text.slice(-END)}</span>
    </span>
  );
};
