/** How the wait for a license went. */
export interface Wait {
  readonly product: string;
  readonly sessionId: string;
  readonly waitedSeconds: number;
  /** Why no license was given; absent if one was. */
  readonly failure?: string;
}

const escaped = (text: string): string =>
  text.replace(/[<>&"]|(?![\n\t])\p{Cc}/gu, (character) =>
    /\p{Cc}/u.test(character) ? '' : `&#${character.charCodeAt(0)};`,
  );

/** Returns a JUnit report of one test case: the time waited is its duration and a property of the suite. */
export const junitReport = ({ product, sessionId, waitedSeconds, failure }: Wait): string => {
  const time = waitedSeconds.toFixed(3);
  const properties = { product, sessionId, waitedSeconds: time };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites><testsuite name="leasehold" tests="1" failures="${failure === undefined ? 0 : 1}" errors="0" time="${time}">`,
    '<properties>',
    ...Object.entries(properties).map(
      ([name, value]) => `<property name="leasehold.${name}" value="${escaped(value)}"/>`,
    ),
    '</properties>',
    `<testcase classname="leasehold" name="wait for a ${escaped(product)} license" time="${time}">${
      failure === undefined ? '' : `<failure message="${escaped(failure)}"/>`
    }</testcase>`,
    '</testsuite></testsuites>',
    '',
  ].join('\n');
};
