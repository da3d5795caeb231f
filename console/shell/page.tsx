import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type ReactNode, useEffect, useRef } from 'react';
import { useLinkHandler } from './use-link-handler.ts';

interface PageProps {
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
  /** The pages above this one. */
  breadcrumbs?: readonly { text: string; href: string }[];
  children: ReactNode;
}

/** The first page leaves the focus to the browser. */
let isFirst = true;

/** One page: its heading, the way back, and its name in the browser's tab. */
export const Page = ({ title, description, actions, breadcrumbs = [], children }: PageProps) => {
  const onFollow = useLinkHandler();
  useEffect(() => {
    document.title = `${title} · Leasehold`;
  }, [title]);
  const header = useRef<HTMLDivElement>(null);
  // After a link, move the focus to the heading of the new page, so that screen readers announce it.
  useEffect(() => {
    const heading = header.current?.querySelector('h1');
    if (heading && !isFirst) {
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    }
    isFirst = false;
  }, []);
  return (
    <ContentLayout
      breadcrumbs={
        breadcrumbs.length > 0 && (
          <BreadcrumbGroup items={[...breadcrumbs, { text: title, href: location.pathname }]} onFollow={onFollow} />
        )
      }
      header={
        <div ref={header} id="content">
          <Header variant="h1" description={description} actions={actions}>
            {title}
          </Header>
        </div>
      }
    >
      <SpaceBetween size="l">{children}</SpaceBetween>
    </ContentLayout>
  );
};
