import Box from '@cloudscape-design/components/box';
import Cards, { type CardsProps } from '@cloudscape-design/components/cards';
import Container from '@cloudscape-design/components/container';
import type { ReactNode } from 'react';
import type { Column } from './column.ts';

interface ListCardsProps<T>
  extends Omit<CardsProps<T>, 'cardDefinition' | 'cardsPerRow' | 'visibleSections' | 'stickyHeader'> {
  /** The shown columns, the most important ones first. */
  columns: readonly Column<T>[];
  /** The actions on the selected items, if any is selected: they stay at the foot of the screen. */
  selectedActions: ReactNode;
}

/** Kinds of facts that mean nothing without the name of their column. */
const named = new Set(['time', 'count']);
/** Kinds of facts that are too long for half a card. */
const long = new Set(['email', 'wide', 'person', 'sentence']);

/** Returns whether a cell says that there is nothing: a fact without its column's name would be a mere dash. */
const isNothing = (cell: ReactNode) => cell === '–';

/** A list on a phone: a card for each item, which begins with the item's name and the next most important column. */
const ListCards = <T,>({ columns, selectedActions, ...cards }: ListCardsProps<T>) => {
  const first = columns.find(({ isRowHeader }) => isRowHeader) ?? columns[0];
  const [second, ...others] = columns.filter((column) => column !== first);
  const facts = others.filter(({ kind }) => kind !== 'action');
  const actions = others.filter(({ kind }) => kind === 'action');
  return (
    <>
      <Cards
        {...cards}
        cardsPerRow={[{ cards: 1 }]}
        cardDefinition={{
          header: (item) => (
            <>
              {first?.cell(item)}
              {second && !isNothing(second.cell(item)) && (
                <Box variant="div">
                  {named.has(second.kind ?? '') && `${second.header}: `}
                  {second.cell(item)}
                </Box>
              )}
            </>
          ),
          sections: [
            ...(facts.length === 0
              ? []
              : [
                  {
                    id: 'facts',
                    content: (item: T) => (
                      <dl className="card-facts">
                        {facts.map((column) => (
                          <div key={column.id} className={long.has(column.kind ?? '') ? 'long' : undefined}>
                            <dt>
                              <Box variant="awsui-key-label">{column.header}</Box>
                            </dt>
                            <dd>{column.cell(item)}</dd>
                          </div>
                        ))}
                      </dl>
                    ),
                  },
                ]),
            ...actions.map((column) => ({ id: column.id ?? '', content: column.cell })),
          ],
        }}
      />
      {selectedActions && (
        <div className="card-actions">
          <Container>{selectedActions}</Container>
        </div>
      )}
    </>
  );
};

export default ListCards;
