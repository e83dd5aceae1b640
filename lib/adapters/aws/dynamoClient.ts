import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** One client for several adapters of a process: they share its connections. */
export const dynamoClient = () => new DynamoDBClient({});
