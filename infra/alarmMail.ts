import { Aws, Validations } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';

/** Sends every alarm below `scope` to one address, when it goes off and when it ends. Call it once all alarms are made. */
export function alarmMail(scope: Construct, address: string): void {
  const topic = new Topic(scope, 'AlarmMail', { enforceSSL: true });
  Validations.of(topic).acknowledge({
    id: 'AwsSolutions-SNS2',
    reason:
      'An alarm says that a number is too high, and leaves by e-mail; a key of its own would cost more than that.',
  });
  topic.addSubscription(new EmailSubscription(address));
  topic.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  );
  const action = new SnsAction(topic);
  for (const construct of scope.node.findAll())
    if (construct instanceof Alarm) {
      construct.addAlarmAction(action);
      construct.addOkAction(action);
    }
}
