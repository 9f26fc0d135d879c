#!/usr/bin/env bash
# The thirty steps of ordinary deployment code with the AWS CLI, against the local SageMaker:
#
#     bash examples/emulator/thirty_steps.sh
#
# It starts `python -m icplan.testing`, and needs `aws` (version 1 or 2) and `curl`. Nothing but `world` knows
# that it does not talk to AWS: it lets time pass, and takes capacity away.
set -euo pipefail

exports=$(mktemp)
"${PYTHON:-python}" -m icplan.testing --time virtual >"$exports" &
server=$!
trap 'kill $server; rm -f "$exports"' EXIT
until grep -q AWS_ENDPOINT_URL_STS "$exports"; do sleep 0.1; done
# shellcheck source=/dev/null
source "$exports"
export AWS_ACCESS_KEY_ID=made-up AWS_SECRET_ACCESS_KEY=made-up AWS_DEFAULT_REGION=us-east-1 AWS_PAGER=
export AWS_EC2_METADATA_DISABLED=true

type=ml.g6e.4xlarge role=arn:aws:iam::123456789012:role/endpoint number=0
needs='{"MinMemoryRequiredInMb":4096,"NumberOfAcceleratorDevicesRequired":1}'
size='{"Type":"COPY_COUNT","Value":1}'
rolling='{"RollingUpdatePolicy":{"MaximumBatchSize":'$size',"WaitIntervalInSeconds":60,"RollbackMaximumBatchSize":'$size'}}'
scaled=(--service-namespace sagemaker --resource-id inference-component/chat
    --scalable-dimension sagemaker:inference-component:DesiredCopyCount)

world() { curl -sf -d "$2" "$AWS_ENDPOINT_URL/_icplan/$1" >/dev/null; }
settle() { world clock '{"settle": true}'; }
shown() { number=$((number + 1)) && printf '%2d %s\n' "$number" "$*"; }
is() { # is EXPECTED COMMAND...: what a command prints
    local found
    found=$("${@:2}")
    if [[ $found != "$1" ]]; then
        echo "expected: $1, found: $found" >&2
        exit 1
    fi
}
refused() { # refused WORDS COMMAND...: that it is refused in these words, among others
    local said
    if said=$("${@:2}" 2>&1); then
        echo "not refused: ${*:2}" >&2
        exit 1
    fi
    if [[ $said != *"$1"* ]]; then
        echo "expected: $1, found: $said" >&2
        exit 1
    fi
}
endpoint() { aws sagemaker describe-endpoint --endpoint-name prod --output text --query "$1"; }
chat() { aws sagemaker describe-inference-component --inference-component-name chat --output text --query "$1"; }
instances() { endpoint 'ProductionVariants[0].[CurrentInstanceCount,DesiredInstanceCount] | join(`/`,[].to_string(@))'; }
copies() { chat 'RuntimeConfig.[DesiredCopyCount,CurrentCopyCount] | join(`/`,[].to_string(@))'; }
configure() { # configure NAME INSTANCES MOST
    aws sagemaker create-endpoint-config --endpoint-config-name "$1" --execution-role-arn $role \
        --metrics-config EnableEnhancedMetrics=true --production-variants \
        "VariantName=AllTraffic,InstanceType=$type,InitialInstanceCount=$2,ManagedInstanceScaling={Status=ENABLED,MinInstanceCount=1,MaxInstanceCount=$3}" \
        >/dev/null
}
scale() {
    aws sagemaker update-inference-component-runtime-config --inference-component-name chat \
        --desired-runtime-config CopyCount="$1" >/dev/null
}
roll() {
    aws sagemaker update-inference-component --inference-component-name chat --deployment-config "$rolling" \
        --specification '{"ModelName":"'"$1"'","ComputeResourceRequirements":'$needs'}' >/dev/null
}

for model in chat-1 chat-2 chat-3; do
    aws sagemaker create-model --model-name $model --execution-role-arn $role \
        --primary-container Image=$model:1 >/dev/null
done
shown create-model
configure prod-1 1 4
shown create-endpoint-config
aws sagemaker create-endpoint --endpoint-name prod --endpoint-config-name prod-1 >/dev/null
shown create-endpoint
is Creating endpoint EndpointStatus
shown it is Creating
settle
aws sagemaker wait endpoint-in-service --endpoint-name prod
shown the waiter says InService
arn=$(aws sagemaker create-inference-component --inference-component-name chat --endpoint-name prod \
    --variant-name AllTraffic --runtime-config CopyCount=2 --tags Key=team,Value=search \
    --specification '{"ModelName":"chat-1","ComputeResourceRequirements":'$needs'}' \
    --query InferenceComponentArn --output text)
shown create-inference-component
is Creating chat InferenceComponentStatus
is 1/2 instances
shown it is Creating, and an instance is on its way
is $'team\tsearch' aws sagemaker list-tags --resource-arn "$arn" --query 'Tags[].[Key,Value]' --output text
shown its tags
settle
is InService chat InferenceComponentStatus
shown InService
is $type$'\t2' chat 'RuntimeConfig.PlacementStatus[].[InstanceType,CurrentCopyCount]'
shown PlacementStatus tells the types
aws application-autoscaling register-scalable-target "${scaled[@]}" --min-capacity 1 --max-capacity 4 >/dev/null
shown register-scalable-target
roll chat-2
shown a rolling update
is Updating chat InferenceComponentStatus
shown it is Updating
refused 'while it is in state UPDATE_IN_PROGRESS' scale 3
shown a second update is refused
world clock '{"advance": "19m"}'
is 2/3 copies
shown more copies run than are desired
settle
is $'InService\tchat-2' chat '[InferenceComponentStatus,Specification.ModelName]'
shown InService with the new specification
world clock '{"advance": "30m"}'
world capacity '{"type": "'$type'", "exhaust": true}'
roll chat-3
settle
is $'InService\tchat-2\tTrue' chat '[InferenceComponentStatus,Specification.ModelName,contains(FailureReason,`InsufficientInstanceCapacity`)]'
shown an update that cannot be placed rolls back: "$(chat FailureReason)"
world capacity '{"type": "'$type'", "restore": true}'
is 2/2 instances
scale 3
settle
is 3/3 instances
shown scaling up adds an instance
scale 5
settle
is $'3\tTrue' chat '[RuntimeConfig.CurrentCopyCount,contains(FailureReason,`not enough hardware resources`)]'
shown past MaxInstanceCount it fails: "$(chat FailureReason)"
world clock '{"advance": "30m"}'
world quota '{"name": "'$type'", "value": 3}'
refused ResourceLimitExceeded aws sagemaker create-endpoint --endpoint-name second --endpoint-config-name prod-1
world quota '{"name": "'$type'", "value": 8}'
shown a quota refuses an endpoint
configure prod-2 3 5
aws sagemaker update-endpoint --endpoint-name prod --endpoint-config-name prod-2 >/dev/null
is Updating endpoint EndpointStatus
settle
is $'InService\tprod-2' endpoint '[EndpointStatus,EndpointConfigName]'
is 3/3 copies
shown update-endpoint
aws sagemaker update-endpoint-weights-and-capacities --endpoint-name prod --desired-weights-and-capacities \
    VariantName=AllTraffic,DesiredWeight=0.5,DesiredInstanceCount=4 >/dev/null
settle
is 4/4 instances
shown update-endpoint-weights-and-capacities
refused attached aws sagemaker delete-endpoint --endpoint-name prod
shown delete-endpoint with components is refused
world load '{"component": "chat", "value": 8}'
aws application-autoscaling put-scaling-policy --policy-name follow "${scaled[@]}" \
    --policy-type TargetTrackingScaling --target-tracking-scaling-policy-configuration \
    '{"TargetValue":2,"PredefinedMetricSpecification":{"PredefinedMetricType":"SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution"}}' \
    >/dev/null
world clock '{"advance": "2m"}'
settle
is 4/4 copies
metrics=$(aws cloudwatch list-metrics --namespace /aws/sagemaker/InferenceComponents \
    --query 'Metrics[0].Dimensions[].Name' --output text)
world load '{"component": "chat", "value": 0}'
aws application-autoscaling delete-scaling-policy --policy-name follow "${scaled[@]}"
aws sagemaker delete-inference-component --inference-component-name chat
shown delete-inference-component
is Deleting chat InferenceComponentStatus
shown it is Deleting
settle
refused 'Could not find inference component' chat InferenceComponentStatus
is Successful aws application-autoscaling describe-scaling-activities --service-namespace sagemaker \
    --query 'ScalingActivities[0].StatusCode' --output text
shown describe-scaling-activities
[[ $metrics == *InferenceComponentName* && $metrics == *InstanceId* && $metrics == *ContainerId* ]]
shown list-metrics of the enhanced metrics tells which copy is where
aws sagemaker delete-endpoint --endpoint-name prod
shown delete-endpoint
settle
aws sagemaker wait endpoint-deleted --endpoint-name prod
shown the waiter says deleted
aws sagemaker delete-endpoint-config --endpoint-config-name prod-1
aws sagemaker delete-endpoint-config --endpoint-config-name prod-2
is '' aws sagemaker list-endpoint-configs --query 'EndpointConfigs[].EndpointConfigName' --output text
shown delete-endpoint-config
