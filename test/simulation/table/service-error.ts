/** An error that DynamoDB answers with. */
export class ServiceError extends Error {
  /** Fields beside the message: the item that refused a condition, the reasons of a cancelled transaction. */
  readonly fields: Record<string, unknown>;
  constructor(name: string, message: string, fields: Record<string, unknown> = {}) {
    super(message);
    this.name = name;
    this.fields = fields;
  }
}

export const invalid = (message: string) => new ServiceError('ValidationException', message);

export const conditionFailed = (item: unknown) =>
  new ServiceError('ConditionalCheckFailedException', 'The conditional request failed', item ? { Item: item } : {});
