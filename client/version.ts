/** The version of this package, as its package.json has it. A single file and an executable have no package.json. */
export const version = '0.1.0';
