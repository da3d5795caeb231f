import CollectionPreferences, {
  type CollectionPreferencesProps,
} from '@cloudscape-design/components/collection-preferences';
import { type Preferences, pageSizes } from './use-preferences.ts';

interface ListPreferencesProps {
  /** The plural noun of the items. */
  plural: string;
  columns: readonly CollectionPreferencesProps.ContentDisplayOption[];
  preferences: Preferences;
  onChange: (preferences: Partial<Preferences>) => void;
}

/** The button and dialog for the user's choices: columns, page size, density. */
const ListPreferences = ({ plural, columns, preferences, onChange }: ListPreferencesProps) => (
  <CollectionPreferences
    title="Preferences"
    confirmLabel="Confirm"
    cancelLabel="Cancel"
    preferences={preferences}
    onConfirm={({ detail }) => onChange(detail as Partial<Preferences>)}
    pageSizePreference={{
      title: 'Page size',
      options: pageSizes.map((value) => ({ value, label: `${value} ${plural}` })),
    }}
    contentDensityPreference={{ label: 'Compact', description: 'Show more rows at once.' }}
    wrapLinesPreference={{ label: 'Wrap lines', description: 'Show each text in full.' }}
    contentDisplayPreference={{
      title: 'Columns',
      description: 'Choose the columns and their order.',
      options: columns,
    }}
  />
);

export default ListPreferences;
