/** Stands in place of what a resource that is left out would answer. */
export const LEFT_OUT_MARK = 'left-out:';

/** Types that the run knowingly does without. */
const LEFT_OUT: Record<string, string> = {
  'AWS::CDK::Metadata': 'tells AWS which constructs are used',
  'AWS::CloudWatch::Alarm': 'nobody is on call for a laptop',
  'AWS::CloudWatch::Dashboard': 'the logs lie in files',
  'AWS::Lambda::EventInvokeConfig': 'a run that failed is followed by the next soon enough',
  'AWS::Logs::LogGroup': 'the logs lie in files',
  'AWS::S3::BucketPolicy': 'denies plain HTTP, which is all there is within one machine',
  'AWS::SNS::Topic': 'alarms have nobody to tell',
  'AWS::SQS::QueuePolicy': 'denies plain HTTP, which is all there is within one machine',
  'Custom::LogRetention': 'the logs lie in files',
};

/** Why a type is left out; undefined where it is not. */
export function reasonToLeaveOut(type: string): string | undefined {
  return type.startsWith('AWS::EC2::') ? 'no network within one machine' : LEFT_OUT[type];
}
