import { type Input, type Product, patterns } from '../../../../client/index.ts';
import { isWithin } from '../../../components/fields/number-field.tsx';
import { inputOfUse, isUseComplete, LONGEST_NAME, ranges, termsOfUse, type UseInput } from '../terms-form-state.ts';

/** A product of the catalogue in the form. Numbers are text. */
export interface ProductInput extends UseInput {
  product: string;
  name: string;
  quota: string;
  months: string;
  trialDays: string;
}

/** The ranges that the service accepts. */
export const productRanges = {
  quota: ranges.quota,
  months: { from: 1, to: 120 },
  trialDays: { from: 1, to: 366 },
} as const;

/** Returns a product, or the defaults for a new one. */
export const productInputOf = (product: Product | undefined): ProductInput => {
  const {
    licenseType = 'floating',
    terms = {
      quota: 10,
      months: 12,
      trialDays: 14,
      leaseSeconds: 120,
      idleTimeoutMinutes: null,
      offline: { allowed: false, maxDays: 60 },
    },
  } = product ?? {};
  return {
    ...inputOfUse(terms, licenseType),
    product: product?.product ?? '',
    name: product?.name ?? '',
    quota: String(terms.quota),
    months: String(terms.months),
    trialDays: String(terms.trialDays),
  };
};

export const isProductCode = (text: string): boolean => patterns.product.test(text);

/** Returns whether the form is complete and valid. */
export const isProductComplete = (input: ProductInput): boolean =>
  isProductCode(input.product) &&
  input.name.trim() !== '' &&
  input.name.trim().length <= LONGEST_NAME &&
  isWithin(input.quota, productRanges.quota) &&
  isWithin(input.months, productRanges.months) &&
  isWithin(input.trialDays, productRanges.trialDays) &&
  isUseComplete(input);

/** Returns the product in the form. */
export const productOf = (input: ProductInput): Input<'setProduct'> => ({
  product: input.product,
  name: input.name.trim(),
  licenseType: input.licenseType,
  terms: {
    quota: Number(input.quota),
    months: Number(input.months),
    trialDays: Number(input.trialDays),
    ...termsOfUse(input),
  },
});
