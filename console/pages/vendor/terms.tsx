import { useProduct } from '../product/use-product.ts';
import TermsForm from './terms-form.tsx';

/** The tab in which the vendor changes the terms. */
const Terms = () => {
  const subscription = useProduct();
  return <TermsForm of={subscription} subscription={subscription} />;
};

export default Terms;
