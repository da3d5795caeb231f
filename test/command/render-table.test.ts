import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonArray, type Table, tableCsv, tableLines } from '../../client/command/output/render-table.ts';
import { sanitize } from '../../client/command/output/sanitize.ts';
import { csvLine } from '../../client/csv.ts';
import { csvLine as serviceLine } from '../../shared/http/reports/csv.ts';

interface Machine {
  readonly id: string;
  readonly online: number | null;
}
const table: Table<Machine> = {
  of: 'machines',
  columns: [
    ['Machine', ({ id }) => id],
    ['Online', ({ online }) => online],
  ],
};
async function* list(...machines: (Machine | Error)[]) {
  for (const machine of machines) {
    if (machine instanceof Error) throw machine;
    yield machine;
  }
}
const textOf = async (pieces: AsyncIterable<string>) => (await Array.fromAsync(pieces)).join('');
const two = [
  { id: 'a', online: 10 },
  { id: 'runner-1', online: null },
];

describe('a table', () => {
  it('has aligned columns, and a dash for a missing value', async () => {
    expect(await textOf(tableLines(list(...two), table))).toBe('MACHINE   ONLINE\na         10\nrunner-1  -\n');
  });

  it('says in words that it is empty', async () => {
    expect(await textOf(tableLines(list(), table))).toBe('No machines.\n');
  });

  it('prints the rows read before a failure, and fails', async () => {
    const pieces: string[] = [];
    const read = async () => {
      for await (const piece of tableLines(list(...two, new Error('cut')), table)) pieces.push(piece);
    };
    await expect(read()).rejects.toThrow('cut');
    expect(pieces.join('')).toContain('runner-1');
  });

  it('prints the rows of a long list as they come', async () => {
    let read = 0;
    async function* many() {
      for (; read < 10_000; read++) yield { id: `m-${read}`, online: 1 };
    }
    const lines = tableLines(many(), table);
    await lines.next();
    expect(read).toBeLessThan(1000);
    expect((await textOf(lines)).split('\n')).toHaveLength(9800);
  });

  it('passes on nothing that a terminal would obey', async () => {
    const text = await textOf(tableLines(list({ id: '\x1b[2Jgone\r\nMACHINE', online: 1 }), table));
    expect(text).toBe('MACHINE          ONLINE\n[2Jgone MACHINE  1\n');
  });
});

describe('CSV', () => {
  it('has the same columns', async () => {
    expect(await textOf(tableCsv(list(...two), table))).toBe('Machine,Online\r\n"a",10\r\n"runner-1",\r\n');
    expect(await textOf(tableCsv(list(), table))).toBe('Machine,Online\r\n');
  });

  it('of a refused list does not look empty', async () => {
    await expect(tableCsv(list(new Error('refused')), table).next()).rejects.toThrow('refused');
  });

  it('is written as the service writes its own', () => {
    const odd = fc.string({ unit: fc.constantFrom(...'=+-@＝＋－＠\t\r\n",;|\'a ä') });
    fc.assert(
      fc.property(fc.array(fc.oneof(odd, fc.integer()), { minLength: 1 }), (cells) => {
        expect(csvLine(cells)).toBe(serviceLine(cells));
      }),
    );
    expect(csvLine(['=1+1', 'a,b', '-2', -2])).toBe('"\'=1+1","a,b","\'-2",-2\r\n');
  });
});

describe('JSON', () => {
  it.each([[[]], [two]])('of %j is that', async (machines) => {
    expect(JSON.parse(await textOf(jsonArray(list(...machines))))).toEqual(machines);
  });

  it('of a list that failed in the middle does not look complete', async () => {
    const pieces: string[] = [];
    const read = async () => {
      for await (const piece of jsonArray(list(...two, new Error('cut')))) pieces.push(piece);
    };
    await expect(read()).rejects.toThrow('cut');
    expect(() => JSON.parse(pieces.join(''))).toThrow();
  });
});

describe('a terminal', () => {
  const odd = 'a\x1b]0;title\x07\x9b2J\u202egnp.exe\u2066\x00b';

  it('is shown nothing that it would obey', async () => {
    expect(sanitize(`${odd}\n\tc`)).toBe('a]0;title2Jgnp.exeb\n\tc');
    expect(await textOf(tableLines(list({ id: odd, online: 1 }), table))).not.toMatch(
      /(?!\n)\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u,
    );
  });
  it('is shown JSON that means the same', async () => {
    const json = await textOf(jsonArray(list({ id: odd, online: 1 })));
    expect(json).not.toMatch(/(?!\n)\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u);
    expect(JSON.parse(json)).toEqual([{ id: odd, online: 1 }]);
  });
});
