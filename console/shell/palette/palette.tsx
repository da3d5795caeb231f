import LiveRegion from '@cloudscape-design/components/live-region';
import { Command, useCommandState } from 'cmdk';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { Dialog } from '../../components/dialogs/dialog.tsx';
import { pluralize } from '../../components/pluralize.ts';
import { lastOrganization, useOrganizations } from '../../organization/organization.tsx';
import { roleName } from '../../organization/roles.ts';
import { usePerson } from '../../sign-in/signed-in.tsx';
import { organizationPath } from '../paths.ts';
import { vendorPages } from '../routes.ts';
import { OrganizationTargets } from './organization-targets.tsx';
import './palette.css';
import type { ActionRequest } from './requested-action.ts';
import { Targets } from './targets.tsx';

interface PaletteProps {
  /** The organization of the page; without one, the user's last one is searched. */
  organizationId: string | undefined;
  onClose: () => void;
}

/** The command palette: goes to a product, a member, a page or an action, by a part of its name. */
const Palette = ({ organizationId = lastOrganization() ?? undefined, onClose }: PaletteProps) => {
  const [search, setSearch] = useState('');
  const [, navigate] = useLocation();
  const { vendor, signOut } = usePerson();
  const organizations = useOrganizations();
  const current = organizations.items.find(({ id }) => id === organizationId);
  const go = (href: string, request?: ActionRequest) => {
    onClose();
    navigate(href, { state: request ?? null });
  };
  return (
    <Dialog header="Go to" onClose={onClose} isSearch>
      <Command label="Go to" loop filter={score} className="palette">
        <Command.Input
          value={search}
          onValueChange={setSearch}
          placeholder="A product, member, page or action"
          aria-label="A product, member, page or action"
        />
        <ResultCount />
        {/* Beside the list, which may have options alone. */}
        <Command.Empty>Nothing matches.</Command.Empty>
        <Command.List label="Results">
          {organizationId !== undefined && (vendor || current) && (
            <OrganizationTargets organizationId={organizationId} role={current?.role ?? null} search={search} go={go} />
          )}
          <Targets
            heading="Organizations"
            targets={organizations.items.map(({ id, name, role }) => ({
              id,
              text: name,
              detail: roleName(role),
              onSelect: () => go(organizationPath(id, 'products')),
            }))}
          />
          <Targets
            heading="Elsewhere"
            targets={[
              ...(vendor ? vendorPages : []).map(({ path, title }) => ({
                id: path,
                text: title,
                onSelect: () => go(path),
              })),
              { id: 'organizations', text: 'All organizations', onSelect: () => go('/organizations') },
              { id: 'sign-out', text: 'Sign out', onSelect: signOut },
            ]}
          />
        </Command.List>
      </Command>
    </Dialog>
  );
};

/** Scores a target by its texts: 1 if its words begin with those that the user typed, less if they contain them, 0 otherwise. */
const score = (_: string, search: string, texts: string[] = []): number => {
  const text = texts.join(' ').toLowerCase();
  const typed = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (!typed.every((word) => text.includes(word))) return 0;
  const words = text.split(/[^\p{L}\p{N}]+/u);
  return typed.every((start) => words.some((word) => word.startsWith(start))) ? 1 : 0.5;
};

/** Tells a screen reader how many results there are. */
const ResultCount = () => {
  const count = useCommandState(({ filtered }) => filtered.count);
  return <LiveRegion hidden>{count === 0 ? 'Nothing matches' : pluralize(count, 'result')}</LiveRegion>;
};

export default Palette;
