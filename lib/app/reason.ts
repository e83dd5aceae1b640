/** Why there is nothing to show: an empty answer always says so. */
export interface Reason {
  readonly code:
    | 'NO_TRADE'
    | 'BELOW_THRESHOLD'
    | 'NOT_ESTIMATED'
    | 'NO_MATCH'
    | 'NOTHING_STORED'
    | 'NO_EARLIER_RUN'
    | 'NOT_COMPARABLE'
    | 'NOT_YET'
    | 'NOT_KEPT'
    | 'NO_CHANGE';
  /** a whole sentence */
  readonly detail: string;
}

/** How a use case hands out a part of a long list: where to go on, or null at the end. */
export interface Position {
  /** the run that the list belongs to: going on in another would mix two worlds */
  readonly run: string;
  /** items that came before */
  readonly offset: number;
}
