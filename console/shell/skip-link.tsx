import Button from '@cloudscape-design/components/button';

/** The first tab stop: leads past the navigation, to the heading of the page. */
export const SkipLink = () => (
  <div className="skip-link">
    <Button
      variant="primary"
      href="#content"
      onFollow={(event) => {
        event.preventDefault();
        const heading = document.querySelector<HTMLElement>('main h1, h1');
        if (!heading) return;
        heading.tabIndex = -1;
        heading.focus();
      }}
    >
      Skip to the content
    </Button>
  </div>
);
