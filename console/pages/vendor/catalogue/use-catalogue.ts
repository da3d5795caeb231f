import { useClient } from '../../../api/client.tsx';
import { useList } from '../../../api/use-list.ts';

export const catalogueKey = ['catalogue'] as const;

/** Returns the vendor's whole catalogue. */
export const useCatalogue = () => {
  const client = useClient();
  return useList(catalogueKey, (query) => client.listProducts(query), { loadAll: true });
};
