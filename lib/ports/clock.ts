/** The time now. Injected, so that a use case can be tested at any moment. */
export type Clock = () => Date;
