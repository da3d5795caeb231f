import Link from '@cloudscape-design/components/link';
import { Page } from '../shell/page.tsx';
import { useLinkHandler } from '../shell/use-link-handler.ts';

const NotFound = () => (
  <Page title="There is no such page">
    <p>
      Check the address, or begin at{' '}
      <Link href="/" onFollow={useLinkHandler()}>
        your organization
      </Link>
      .
    </p>
  </Page>
);

export default NotFound;
