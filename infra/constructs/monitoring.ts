import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmStatusWidget,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Api } from './api.ts';
import type { ProductFunction } from './productFunction.ts';
import type { Publisher } from './publisher.ts';
import type { Sweeper } from './sweeper.ts';
import type { WorkQueue } from './workQueue.ts';

interface MonitoringProps {
  api: Api;
  /** By the name of its worker. */
  queues: Record<string, WorkQueue>;
  workers: Record<string, ProductFunction>;
  publisher: Publisher;
  sweeper: Sweeper;
}

const PERIOD = Duration.minutes(5);

/** What tells that requests are stuck, given up or not heard of. Operators subscribe to the topic. */
export class Monitoring extends Construct {
  readonly topicArn: string;
  readonly dashboardUrl: string;
  private readonly topic: Topic;
  private readonly alarms: Alarm[] = [];

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    this.topic = new Topic(this, 'Alarms');
    this.topicArn = this.topic.topicArn;
    for (const [name, queue] of Object.entries(props.queues)) this.watchQueue(name, queue);
    this.watchPublisher(props.publisher);
    this.watchSweeper(props.sweeper);
    const { dashboardName } = this.draw(props);
    const { region } = Stack.of(this);
    this.dashboardUrl = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboards/${dashboardName}`;
  }

  private watchQueue(name: string, { queue, deadLetters }: WorkQueue): void {
    this.alarm(`${name}DeadLetters`, `A request's ${name} was given up after five tries.`, seen(deadLetters), 1);
    const age = queue.metricApproximateAgeOfOldestMessage({ period: PERIOD });
    this.alarm(`${name}Backlog`, `Requests have been waiting for ${name} for over 15 minutes.`, age, 15 * 60);
  }

  private watchPublisher({ worker, failures }: Publisher): void {
    this.alarm('PushesLost', 'Pushes were given up; clients learn of these changes by reading.', seen(failures), 1);
    const age = worker.lambda.metric('IteratorAge', { period: PERIOD, statistic: 'Maximum' });
    this.alarm('PushesLate', 'Pushes are over a minute behind; after two they are given up.', age, 60_000);
  }

  /** Without it nothing finds a request whose message was lost, so silence is as bad as failure. */
  private watchSweeper({ worker }: Sweeper): void {
    const succeeded = new MathExpression({
      label: 'runs that succeeded',
      expression: 'invocations - errors',
      usingMetrics: {
        invocations: worker.lambda.metricInvocations({ period: PERIOD }),
        errors: worker.lambda.metricErrors({ period: PERIOD }),
      },
      period: PERIOD,
    });
    const alarm = new Alarm(this, 'SweeperSilent', {
      alarmDescription: 'The sweeper has not run with success for 5 minutes.',
      metric: succeeded,
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.BREACHING,
    });
    this.keep(alarm);
  }

  private alarm(id: string, alarmDescription: string, metric: IMetric, threshold: number): void {
    const treatMissingData = TreatMissingData.NOT_BREACHING;
    this.keep(new Alarm(this, id, { alarmDescription, metric, threshold, evaluationPeriods: 1, treatMissingData }));
  }

  private keep(alarm: Alarm): void {
    alarm.addAlarmAction(new SnsAction(this.topic));
    this.alarms.push(alarm);
  }

  private draw({ api, queues, workers }: MonitoringProps): Dashboard {
    const graph = (title: string, left: IMetric[]) => new GraphWidget({ title, left, width: 12 });
    const all = Object.values(workers).map(({ lambda }) => lambda);
    const waiting = Object.values(queues).map(({ queue }) => queue.metricApproximateNumberOfMessagesVisible());
    return new Dashboard(this, 'Dashboard', {
      widgets: [
        [new AlarmStatusWidget({ title: 'Alarms', alarms: this.alarms, width: 24 })],
        [
          graph('Requests waiting', waiting),
          graph(
            'API errors',
            ['4XXError', '5XXError'].map((name) => apiMetric(api, name)),
          ),
        ],
        [
          graph(
            'Duration, p95',
            all.map((it) => it.metricDuration({ statistic: 'p95' })),
          ),
          graph(
            'Errors',
            all.map((it) => it.metricErrors()),
          ),
        ],
      ],
    });
  }
}

function apiMetric(api: Api, metricName: string): Metric {
  return new Metric({
    namespace: 'AWS/AppSync',
    metricName,
    dimensionsMap: { GraphQLAPIId: api.id },
    statistic: 'Sum',
  });
}

/** Messages that lay there, or that its consumer took so soon that none was ever counted lying there. */
function seen(queue: Queue): IMetric {
  return new MathExpression({
    label: 'messages seen',
    expression: 'FILL(visible, 0) + FILL(received, 0)',
    usingMetrics: {
      visible: queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: PERIOD }),
      received: queue.metricNumberOfMessagesReceived({ statistic: 'Sum', period: PERIOD }),
    },
    period: PERIOD,
  });
}
