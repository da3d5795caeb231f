import Autosuggest from '@cloudscape-design/components/autosuggest';
import FormField from '@cloudscape-design/components/form-field';
import { useState } from 'react';
import { useClient } from '../../../api/client.tsx';
import { useList } from '../../../api/use-list.ts';
import { machineIdError } from '../../../components/fields/machine-field.tsx';
import { pluralize } from '../../../components/pluralize.ts';
import { productKey, productRef, useProduct } from '../use-product.ts';

interface MachinePickerProps {
  label: string;
  description: string;
  value: string;
  onChange: (machineId: string) => void;
  /** The machine to leave out. */
  except?: string;
}

/** A field to choose a registered machine, found by its ID or host name, or to enter the ID of another one. */
export const MachinePicker = ({ label, description, value, onChange, except }: MachinePickerProps) => {
  const product = useProduct();
  const client = useClient();
  // A dialog opens on this field: the list of machines must not cover the dialog before the user asks for it.
  const [asked, setAsked] = useState(false);
  const ask = () => setAsked(true);
  const machines = useList(productKey(product, 'machines'), (query) =>
    client.listMachines({ ...productRef(product), ...query }),
  );
  return (
    <FormField label={label} description={description} errorText={machineIdError(value)}>
      <div onPointerDownCapture={ask} onKeyDownCapture={ask}>
        <Autosuggest
          value={value}
          onChange={({ detail }) => {
            ask();
            onChange(detail.value.trim());
          }}
          options={(asked ? machines.items : [])
            .filter(({ machineId }) => machineId !== except)
            .map(({ machineId, hostname, online }) => ({
              value: machineId,
              description: hostname,
              labelTag: online > 0 ? pluralize(online, 'online license', 'online licenses') : undefined,
            }))}
          enteredTextLabel={(text) => `Use “${text}”`}
          placeholder="Choose a machine, or enter its ID"
          statusType={!asked ? 'pending' : machines.loading ? 'loading' : 'finished'}
          loadingText="Loading machines"
          finishedText={machines.more ? 'There are more machines: enter the ID of another one.' : undefined}
          empty={asked && 'No machine is registered: enter a machine ID.'}
        />
      </div>
    </FormField>
  );
};
