import { describe, expect, it, vi } from 'vitest';
import { junitReport } from '../../client/command/output/junit-report.ts';
import { clockText, waitingLine } from '../../client/command/output/wait-progress.ts';

const screen = (isTTY: boolean) => {
  let text = '';
  return { isTTY, write: (more: string) => (text += more), text: () => text };
};

it('a JUnit report has the time waited, and why no license was given', () => {
  const wait = { product: 'KRE', sessionId: 's-1', waitedSeconds: 12.3456 };
  expect(junitReport(wait)).toContain('<property name="leasehold.waitedSeconds" value="12.346"/>');
  expect(junitReport(wait)).toContain('failures="0" errors="0" time="12.346"');
  expect(junitReport({ ...wait, failure: 'All <1> & "2"\x1b' })).toContain(
    '<failure message="All &#60;1&#62; &#38; &#34;2&#34;"/>',
  );
});

describe('the progress of a wait', () => {
  it('in a log once for each place, and every minute while it stays', () => {
    let now = 0;
    const log = screen(false);
    const line = waitingLine('KRE', log, {}, () => now);
    for (const [at, position] of [
      [0, 3],
      [4000, 3],
      [8000, 2],
      [68_000, 2],
    ] as const) {
      now = at;
      line.show({ position, estimatedSeconds: position === 2 ? 95 : null });
    }
    line.end();
    expect(log.text()).toBe(
      [
        'Waiting for a KRE license: number 3 in the queue, 0:00 so far',
        'Waiting for a KRE license: number 2 in the queue, 0:08 so far, perhaps 1:35 more',
        'Waiting for a KRE license: number 2 in the queue, 1:08 so far, perhaps 1:35 more',
        '',
      ].join('\n'),
    );
  });

  it('on a terminal in one line that moves on, and is gone afterwards', () => {
    vi.useFakeTimers();
    const terminal = screen(true);
    const line = waitingLine('KRE', terminal, {}, Date.now);
    line.show({ position: 1, estimatedSeconds: null });
    vi.advanceTimersByTime(2000);
    line.end();
    vi.advanceTimersByTime(5000);
    vi.useRealTimers();
    const texts = terminal.text().split('\r\x1b[K');
    expect(texts.map((text) => /, (\d:\d\d) so far/.exec(text)?.[1])).toEqual([
      undefined,
      '0:00',
      '0:01',
      '0:02',
      undefined,
    ]);
    expect(terminal.text()).not.toContain('\n');
  });

  it.each([true, false])('without what the terminal would obey, whatever the service says (terminal: %s)', (isTTY) => {
    const out = screen(isTTY);
    const line = waitingLine('KRE', out, { NO_COLOR: '1' });
    line.show({ position: '\x1b]0;title\x07\u202e3' as never, estimatedSeconds: null });
    line.end();
    expect(out.text()).toContain('number ]0;title3 in the queue');
    expect(out.text().replaceAll('\r\x1b[K', '')).not.toMatch(/(?!\n)\p{Cc}|\u202e/u);
  });

  it.each([
    ['colors on a terminal', true, {}, true],
    ['none with NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['none in a terminal of CI', true, { CI: 'true' }, false],
    ['none in one that can’t', true, { TERM: 'dumb' }, false],
    ['none in a log', false, {}, false],
  ])('with %s', (_, isTTY, environment, colors) => {
    const out = screen(isTTY);
    const line = waitingLine('KRE', out, environment);
    line.show({ position: 1, estimatedSeconds: null });
    line.end();
    expect(out.text().includes('\x1b[2m')).toBe(colors);
  });

  it('in a log as a part that people can fold: on GitLab and on GitHub Actions', () => {
    vi.useFakeTimers({ now: 1_800_000_000_500 });
    const texts = [{ GITLAB_CI: 'true' }, { GITHUB_ACTIONS: 'true' }].map((environment) => {
      const log = screen(false);
      const line = waitingLine('KRE', log, environment);
      line.show({ position: 1, estimatedSeconds: null });
      line.end();
      return log.text();
    });
    vi.useRealTimers();
    const waiting = 'Waiting for a KRE license: number 1 in the queue, 0:00 so far\n';
    expect(texts).toEqual([
      `section_start:1800000000:leasehold_wait\r\x1b[0KWaiting for a KRE license\n${waiting}` +
        'section_end:1800000000:leasehold_wait\r\x1b[0K\n',
      `::group::Waiting for a KRE license\n${waiting}::endgroup::\n`,
    ]);
  });

  it('in times that people read', () => {
    expect([9, 750, 3725].map(clockText)).toEqual(['0:09', '12:30', '1:02:05']);
  });
});
