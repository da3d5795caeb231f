/** A line of a chart. */
export interface Series {
  name: string;
  points: readonly (readonly [x: number, y: number])[];
}

interface Axis {
  title: string;
  logarithmic?: boolean;
}

const width = 760;
const height = 360;
const frame = { left: 64, right: 200, top: 16, bottom: 44 };
/** Colours that can be told apart on light and on dark pages, also by colour-blind readers. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];
const grey = '#888';

const short = (value: number): string => (value >= 1000 ? `${value / 1000}k` : String(Number(value.toPrecision(3))));

/** Returns ticks for an axis from 0, or for a logarithmic one from its lowest value. */
const ticksOf = (values: readonly number[], { logarithmic }: Axis): number[] => {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (logarithmic) {
    const first = Math.floor(Math.log10(low));
    return Array.from({ length: Math.ceil(Math.log10(high)) - first + 1 }, (_, index) => 10 ** (first + index));
  }
  const rough = high / 5 || 1;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((each) => each * magnitude >= rough) ?? 10) * magnitude;
  return Array.from({ length: Math.ceil(high / step) + 1 }, (_, index) => index * step);
};

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Returns a chart of lines as SVG. */
export const lineChart = (title: string, series: readonly Series[], axes: { x: Axis; y: Axis }): string => {
  const all = series.flatMap(({ points }) => points);
  const scale = (axis: Axis, values: readonly number[], from: number, to: number) => {
    const ticks = ticksOf(values, axis);
    const at = (value: number) => (axis.logarithmic ? Math.log10(value) : value);
    const [first, last] = [at(ticks[0] as number), at(ticks.at(-1) as number)];
    return { ticks, of: (value: number) => from + ((at(value) - first) / (last - first)) * (to - from) };
  };
  const { left, right, top, bottom } = frame;
  const x = scale(
    axes.x,
    all.map(([value]) => value),
    left,
    width - right,
  );
  const y = scale(
    axes.y,
    all.map(([, value]) => value),
    height - bottom,
    top,
  );
  const text = (at: { x: number; y: number }, content: string, more = '') =>
    `<text x="${at.x.toFixed(1)}" y="${at.y.toFixed(1)}" fill="${grey}" ${more}>${escaped(content)}</text>`;
  const grid = [
    ...x.ticks.map((value) => text({ x: x.of(value), y: height - bottom + 18 }, short(value), 'text-anchor="middle"')),
    ...y.ticks.flatMap((value) => [
      `<line x1="${left}" x2="${width - right}" y1="${y.of(value).toFixed(1)}" y2="${y.of(value).toFixed(1)}" stroke="${grey}" stroke-opacity="0.3"/>`,
      text({ x: left - 8, y: y.of(value) + 4 }, short(value), 'text-anchor="end"'),
    ]),
  ];
  const lines = series.flatMap(({ name, points }, index) => {
    const colour = colours[index % colours.length];
    const path = points.map(([px, py]) => `${x.of(px).toFixed(1)},${y.of(py).toFixed(1)}`).join(' ');
    return [
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...(points.length > 12 ? [] : points).map(
        ([px, py]) => `<circle cx="${x.of(px).toFixed(1)}" cy="${y.of(py).toFixed(1)}" r="3" fill="${colour}"/>`,
      ),
      `<text x="${width - right + 12}" y="${top + 16 + index * 20}" fill="${colour}">${escaped(name)}</text>`,
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img">`,
    `<title>${escaped(title)}</title>`,
    ...grid,
    ...lines,
    text({ x: (left + width - right) / 2, y: height - 8 }, axes.x.title, 'text-anchor="middle"'),
    text({ x: 14, y: height / 2 }, axes.y.title, `text-anchor="middle" transform="rotate(-90 14 ${height / 2})"`),
    '</svg>',
    '',
  ].join('\n');
};
