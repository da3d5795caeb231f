import { useLocation } from 'wouter';

/** For Cloudscape's links: stays in this page, unless the user asked for a new tab or window. */
export const useLinkHandler = () => {
  const [, navigate] = useLocation();
  return (event: CustomEvent<{ href?: string; external?: boolean }>) => {
    const { href, external } = event.detail;
    if (!href?.startsWith('/') || external) return;
    event.preventDefault();
    navigate(href);
  };
};
