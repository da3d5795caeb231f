import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import Tabs from '@cloudscape-design/components/tabs';
import { type RunnerPlace, runnerBlock, runnerPlaces } from '../../../client/index.ts';
import { TextBlock } from '../../components/text-block.tsx';

const labels: Readonly<Record<RunnerPlace, string>> = { shell: 'Shell', github: 'GitHub', gitlab: 'GitLab' };

/** Shows the settings of a runner as blocks to paste. */
export const RunnerSettings = ({ organizationId, apiKey }: { organizationId: string; apiKey: string }) => (
  <Tabs
    ariaLabel="Settings of a runner"
    tabs={runnerPlaces.map((place) => {
      const block = runnerBlock(place, { url: location.origin, organizationId, key: apiKey });
      return {
        id: place,
        label: labels[place],
        content: (
          <>
            <TextBlock>{block}</TextBlock>
            <CopyToClipboard
              copyButtonText="Copy all three"
              textToCopy={block}
              copySuccessText="Copied the settings"
              copyErrorText="The browser did not let us copy the settings"
            />
          </>
        ),
      };
    })}
  />
);
