import Box from '@cloudscape-design/components/box';
import Link from '@cloudscape-design/components/link';
import { Page } from '../shell/page.tsx';
import { useLinkHandler } from '../shell/use-link-handler.ts';

const NotFound = () => (
  <Page title="There is no such page">
    <Box variant="p">
      Check the address, or begin at{' '}
      <Link href="/" variant="primary" fontSize="inherit" onFollow={useLinkHandler()}>
        your organization
      </Link>
      .
    </Box>
  </Page>
);

export default NotFound;
