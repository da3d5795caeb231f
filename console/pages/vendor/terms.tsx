import { useProduct } from '../product/use-product.ts';
import TermsForm from './terms-form.tsx';

/** What the vendor may change of a subscription. */
const Terms = () => {
  const subscription = useProduct();
  return <TermsForm of={subscription} subscription={subscription} />;
};

export default Terms;
