import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import { Component, type ReactNode } from 'react';

interface Props {
  /** A change of this key resets the boundary: the path of the page, for example. */
  of: string;
  children: ReactNode;
}

/** Contains the failure of a page, so that the frame around it stays. */
export class ErrorBoundary extends Component<Props, { error?: Error }> {
  override state: { error?: Error } = {};

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override componentDidUpdate(before: Props) {
    if (before.of !== this.props.of && this.state.error) this.setState({ error: undefined });
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <Alert
        type="error"
        header="This page has failed"
        action={<Button onClick={() => location.reload()}>Load it again</Button>}
      >
        Nothing of what you did is lost: what the service confirmed is kept. Load the page again; if that does not help,
        tell us what it says here.
        <Box variant="code" display="block" padding={{ top: 's' }}>
          {error.message}
        </Box>
      </Alert>
    );
  }
}
