import type { Role } from '../../../shared/contracts/schemas/organization.ts';
import { accounts } from '../demo-accounts.ts';

/** A member of the demo's organization. */
interface Person {
  email: string;
  name: string;
  role: Role;
}

const domain = 'quality-engineering.acme-international.example';

/** The people of the demo's organization; the first four can sign in by a button. */
export const people: readonly Person[] = [
  { ...accounts.owner, role: 'owner' },
  { ...accounts.admin, role: 'admin' },
  { ...accounts.billingManager, role: 'billing-manager' },
  { ...accounts.user, role: 'user' },
  ...(
    [
      ['Maximiliana Hohenstaufen-Wittgenstein', 'admin'],
      ['Bartholomew Featherstonehaugh', 'user'],
      ['Nguyễn Thị Phương Thảo', 'user'],
      ['Krishnamurthy Venkataraghavan Subramaniam', 'user'],
      ['Wilhelmina van der Westhuizen', 'user'],
      ['Konstantinos Papadimitrakopoulos', 'billing-manager'],
      ['Oluwaseun Adebayo-Okonkwo', 'user'],
      ['Jean-Baptiste de la Rochefoucauld', 'user'],
      ['Aleksandra Wiśniewska-Brzęczyszczykiewicz', 'user'],
      ['Ximena Guadalupe Fernández de Córdoba', 'user'],
    ] as const
  ).map(([name, role]) => ({
    name,
    role,
    email: `${name
      .normalize('NFD')
      .replace(/[^A-Za-z -]/g, '')
      .replaceAll(' ', '.')
      .toLowerCase()}@${domain}`,
  })),
];

/** The product of a sale, and its terms. Days are from today. */
export interface Sale {
  product: string;
  productName: string;
  licenseType: 'floating' | 'per-user';
  quota: number;
  endsInDays: number;
  suspended?: boolean;
  trial?: true;
  note?: string;
}

/** One product in each state. `live`: how many sessions run. `busy`: how many licenses a working day takes. */
export const ownSales: readonly (Sale & { live?: number; busy?: number })[] = [
  {
    product: 'KRE',
    productName: 'Katalon Runtime Engine',
    licenseType: 'floating',
    quota: 300,
    endsInDays: 212,
    note: 'Framework contract 2026-118, billed each quarter',
    live: 250,
    busy: 40,
  },
  {
    product: 'KSE',
    productName: 'Katalon Studio Enterprise',
    licenseType: 'per-user',
    quota: 12,
    endsInDays: 21,
    busy: 9,
  },
  {
    product: 'TESTCLOUD',
    productName: 'Katalon TestCloud Parallel Sessions',
    licenseType: 'floating',
    quota: 12_000,
    endsInDays: 340,
    live: 10_000,
  },
  {
    product: 'VISUAL',
    productName: 'Visual Testing',
    licenseType: 'floating',
    quota: 5,
    endsInDays: 6,
    live: 5,
    busy: 5,
  },
  {
    product: 'PLATFORM',
    productName: 'Katalon Platform for Regulated Industries',
    licenseType: 'per-user',
    quota: 40,
    endsInDays: 120,
    suspended: true,
    note: 'Suspended until invoice 4711 is paid',
  },
  { product: 'RECORDER', productName: 'Recorder', licenseType: 'floating', quota: 20, endsInDays: -12, busy: 12 },
  {
    product: 'INSIGHT',
    productName: 'Test Insight Analytics',
    licenseType: 'floating',
    quota: 25,
    endsInDays: 9,
    trial: true,
    note: 'Met at the fair in Leipzig',
  },
];

/** The other customers of the vendor. */
export const customers: readonly { name: string; email: string; sales: readonly (Sale & { live?: number })[] }[] = [
  'Northwind Traders',
  'Globex Corporation',
  'Initech Software & Services',
  'Umbrella Diagnostics',
  'Hooli',
  'Stark Industrial Automation',
  'Wayne Logistics',
  'Soylent Foods Europe',
  'Tyrell Robotics',
  'Cyberdyne Test Systems',
  'Vandelay Import-Export',
].map((name, index) => ({
  name,
  email: `licenses@${name.toLowerCase().replace(/[^a-z]+/g, '-')}.example`,
  sales: ownSales.slice(0, 1 + (index % 4)).map(({ product, productName, licenseType }, at) => {
    const quota = 5 * (1 + ((index * 7 + at * 3) % 12));
    const live = licenseType === 'per-user' ? 0 : [0, quota, Math.floor(quota / 2)][(index + at) % 3]!;
    return {
      product,
      productName,
      licenseType,
      quota,
      live,
      endsInDays: [-20, 3, 17, 75, 190, 320][(index + at * 2) % 6]!,
    };
  }),
}));
