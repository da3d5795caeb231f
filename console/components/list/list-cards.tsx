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

/** A list on a phone: a card for each item, which begins with the first two columns. */
const ListCards = <T,>({ columns, selectedActions, ...cards }: ListCardsProps<T>) => {
  const [first, second, ...others] = columns;
  return (
    <>
      <Cards
        {...cards}
        cardsPerRow={[{ cards: 1 }]}
        cardDefinition={{
          header: (item) => (
            <>
              {first?.cell(item)}
              <Box variant="div">{second?.cell(item)}</Box>
            </>
          ),
          sections: [
            {
              id: 'facts',
              content: (item) => (
                <dl className="card-facts">
                  {others.map((column) => (
                    <div key={column.id}>
                      <dt>
                        <Box variant="awsui-key-label">{column.header}</Box>
                      </dt>
                      <dd>{column.cell(item)}</dd>
                    </div>
                  ))}
                </dl>
              ),
            },
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
