import type { LicensedUser } from '../../../../client/index.ts';
import { useClient } from '../../../api/client.tsx';
import { type List, useList } from '../../../api/use-list.ts';
import { productKey, productRef, useProduct } from '../use-product.ts';

interface Options {
  /** Only users who have not worked with their license for so many days. */
  unusedForDays?: number;
  /** Loads all pages from the start. */
  loadAll?: boolean;
}

/** The licensed users of the product. */
export const useLicensedUsers = ({ unusedForDays, loadAll }: Options = {}): List<LicensedUser> => {
  const product = useProduct();
  const client = useClient();
  return useList(
    productKey(product, 'licensed-users', ...(unusedForDays === undefined ? [] : [String(unusedForDays)])),
    (query) => client.listLicensedUsers({ ...productRef(product), ...query, unusedForDays }),
    { loadAll },
  );
};
