import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type ReactNode, useEffect } from 'react';
import { useFollow } from './use-follow.ts';

interface PageProps {
  title: string;
  description?: ReactNode;
  /** What can be done on this page. */
  actions?: ReactNode;
  /** The pages above this one. */
  above?: readonly { text: string; href: string }[];
  children: ReactNode;
}

/** One page: its heading, the way back, and its name in the browser's tab. */
export const Page = ({ title, description, actions, above = [], children }: PageProps) => {
  const follow = useFollow();
  useEffect(() => {
    document.title = `${title} · Leasehold`;
  }, [title]);
  return (
    <ContentLayout
      breadcrumbs={
        above.length > 0 && (
          <BreadcrumbGroup items={[...above, { text: title, href: location.pathname }]} onFollow={follow} />
        )
      }
      header={
        <Header variant="h1" description={description} actions={actions}>
          {title}
        </Header>
      }
    >
      <SpaceBetween size="l">{children}</SpaceBetween>
    </ContentLayout>
  );
};
