import { Command } from 'cmdk';

/** A place or an action. */
interface Target {
  /** Unique in its group. */
  id: string;
  text: string;
  detail?: string;
  onSelect: () => void;
}

/** A group of the palette. */
export const Targets = ({ heading, targets }: { heading: string; targets: readonly Target[] }) =>
  targets.length > 0 && (
    <Command.Group heading={heading}>
      {targets.map(({ id, text, detail, onSelect }) => (
        <Command.Item key={id} value={`${heading} ${id}`} keywords={[text, detail ?? '']} onSelect={onSelect}>
          <span>{text}</span>
          {detail && <small>{detail}</small>}
        </Command.Item>
      ))}
    </Command.Group>
  );
