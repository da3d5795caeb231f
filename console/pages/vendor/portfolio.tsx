import { Page } from '../../shell/page.tsx';
import { SoldSubscriptions } from './sold-subscriptions.tsx';

/** The vendor's list of all subscriptions. */
const Portfolio = () => (
  <Page
    title="Subscriptions"
    description="What you sold to all organizations."
    breadcrumbs={[{ text: 'Organizations', href: '/organizations' }]}
  >
    <SoldSubscriptions />
  </Page>
);

export default Portfolio;
