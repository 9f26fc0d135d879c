"""The parts of an endpoint configuration that have no bearing on capacity."""

# ruff: noqa: RUF009  (member() declares an attribute, as attrs.field does)

from __future__ import annotations

import attrs

from icplan.requests.common import CLARIFY_TEXT, CONTENT_TYPE, KMS_KEY, NETWORK_ID, S3_URI, SNS_TOPIC, URL
from icplan.requests.fields import Boolean, Integer, ListOf, Shape, Struct, Text, member


@attrs.frozen(kw_only=True)
class CaptureOption(Shape):
    """Which side of an invocation is captured."""

    capture_mode: str = member(
        "CaptureMode", Text(choices=("Input", "Output", "InputAndOutput")), required=True
    )


@attrs.frozen(kw_only=True)
class CaptureContentTypeHeader(Shape):
    """Which content types are stored as CSV and which as JSON."""

    csv_content_types: tuple[str, ...] | None = member(
        "CsvContentTypes", ListOf(item=CONTENT_TYPE, min_size=1, max_size=10)
    )
    json_content_types: tuple[str, ...] | None = member(
        "JsonContentTypes", ListOf(item=CONTENT_TYPE, min_size=1, max_size=10)
    )


@attrs.frozen(kw_only=True)
class DataCaptureConfig(Shape):
    """What is recorded of invocations; the percentage is of requests."""

    enable_capture: bool | None = member("EnableCapture", Boolean())
    initial_sampling_percentage: int = member(
        "InitialSamplingPercentage", Integer(minimum=0, maximum=100), required=True
    )
    destination_s3_uri: str = member("DestinationS3Uri", S3_URI, required=True)
    kms_key_id: str | None = member("KmsKeyId", KMS_KEY)
    capture_options: tuple[CaptureOption, ...] = member(
        "CaptureOptions", ListOf(item=Struct(CaptureOption), min_size=1, max_size=32), required=True
    )
    capture_content_type_header: CaptureContentTypeHeader | None = member(
        "CaptureContentTypeHeader", Struct(CaptureContentTypeHeader)
    )


@attrs.frozen(kw_only=True)
class AsyncInferenceClientConfig(Shape):
    """How many asynchronous invocations an instance takes at once."""

    max_concurrent_invocations_per_instance: int | None = member(
        "MaxConcurrentInvocationsPerInstance", Integer(minimum=1, maximum=1000)
    )


@attrs.frozen(kw_only=True)
class AsyncInferenceNotificationConfig(Shape):
    """Which topics hear of asynchronous results."""

    success_topic: str | None = member("SuccessTopic", SNS_TOPIC)
    error_topic: str | None = member("ErrorTopic", SNS_TOPIC)
    include_inference_response_in: tuple[str, ...] | None = member(
        "IncludeInferenceResponseIn",
        ListOf(item=Text(choices=("SUCCESS_NOTIFICATION_TOPIC", "ERROR_NOTIFICATION_TOPIC")), max_size=2),
    )


@attrs.frozen(kw_only=True)
class AsyncInferenceOutputConfig(Shape):
    """Where asynchronous results go."""

    kms_key_id: str | None = member("KmsKeyId", KMS_KEY)
    s3_output_path: str | None = member("S3OutputPath", S3_URI)
    notification_config: AsyncInferenceNotificationConfig | None = member(
        "NotificationConfig", Struct(AsyncInferenceNotificationConfig)
    )
    s3_failure_path: str | None = member("S3FailurePath", S3_URI)


@attrs.frozen(kw_only=True)
class AsyncInferenceConfig(Shape):
    """Asynchronous inference; not for endpoints with inference components."""

    client_config: AsyncInferenceClientConfig | None = member(
        "ClientConfig", Struct(AsyncInferenceClientConfig)
    )
    output_config: AsyncInferenceOutputConfig = member(
        "OutputConfig", Struct(AsyncInferenceOutputConfig), required=True
    )


@attrs.frozen(kw_only=True)
class ClarifyInferenceConfig(Shape):
    """How the explainer reads features and predictions."""

    features_attribute: str | None = member("FeaturesAttribute", CLARIFY_TEXT)
    content_template: str | None = member("ContentTemplate", CLARIFY_TEXT)
    max_record_count: int | None = member("MaxRecordCount", Integer(minimum=1))
    max_payload_in_mb: int | None = member("MaxPayloadInMB", Integer(minimum=1, maximum=25))
    probability_index: int | None = member("ProbabilityIndex", Integer(minimum=0))
    label_index: int | None = member("LabelIndex", Integer(minimum=0))
    probability_attribute: str | None = member("ProbabilityAttribute", CLARIFY_TEXT)
    label_attribute: str | None = member("LabelAttribute", CLARIFY_TEXT)
    label_headers: tuple[str, ...] | None = member(
        "LabelHeaders", ListOf(item=CLARIFY_TEXT, min_size=1, max_size=16)
    )
    feature_headers: tuple[str, ...] | None = member(
        "FeatureHeaders", ListOf(item=CLARIFY_TEXT, min_size=1, max_size=256)
    )
    feature_types: tuple[str, ...] | None = member(
        "FeatureTypes",
        ListOf(item=Text(choices=("numerical", "categorical", "text")), min_size=1, max_size=256),
    )


@attrs.frozen(kw_only=True)
class ClarifyShapBaselineConfig(Shape):
    """The baseline of the SHAP values, given inline or by address."""

    mime_type: str | None = member(
        "MimeType",
        Text(max_length=255, pattern=r"[a-zA-Z0-9](-*[a-zA-Z0-9])*\/[a-zA-Z0-9](-*[a-zA-Z0-9+.])*"),
    )
    shap_baseline: str | None = member(
        "ShapBaseline", Text(min_length=1, max_length=4096, pattern=r"[\s\S]+", sensitive=True)
    )
    shap_baseline_uri: str | None = member("ShapBaselineUri", URL)


@attrs.frozen(kw_only=True)
class ClarifyTextConfig(Shape):
    """The language and granularity of text features."""

    language: str = member(
        "Language",
        Text(
            choices=(
                "af",
                "sq",
                "ar",
                "hy",
                "eu",
                "bn",
                "bg",
                "ca",
                "zh",
                "hr",
                "cs",
                "da",
                "nl",
                "en",
                "et",
                "fi",
                "fr",
                "de",
                "el",
                "gu",
                "he",
                "hi",
                "hu",
                "is",
                "id",
                "ga",
                "it",
                "kn",
                "ky",
                "lv",
                "lt",
                "lb",
                "mk",
                "ml",
                "mr",
                "ne",
                "nb",
                "fa",
                "pl",
                "pt",
                "ro",
                "ru",
                "sa",
                "sr",
                "tn",
                "si",
                "sk",
                "sl",
                "es",
                "sv",
                "tl",
                "ta",
                "tt",
                "te",
                "tr",
                "uk",
                "ur",
                "yo",
                "lij",
                "xx",
            )
        ),
        required=True,
    )
    granularity: str = member("Granularity", Text(choices=("token", "sentence", "paragraph")), required=True)


@attrs.frozen(kw_only=True)
class ClarifyShapConfig(Shape):
    """How SHAP values are computed."""

    shap_baseline_config: ClarifyShapBaselineConfig = member(
        "ShapBaselineConfig", Struct(ClarifyShapBaselineConfig), required=True
    )
    number_of_samples: int | None = member("NumberOfSamples", Integer(minimum=1))
    use_logit: bool | None = member("UseLogit", Boolean())
    seed: int | None = member("Seed", Integer())
    text_config: ClarifyTextConfig | None = member("TextConfig", Struct(ClarifyTextConfig))


@attrs.frozen(kw_only=True)
class ClarifyExplainerConfig(Shape):
    """An explainer of SageMaker Clarify."""

    enable_explanations: str | None = member("EnableExplanations", CLARIFY_TEXT)
    inference_config: ClarifyInferenceConfig | None = member(
        "InferenceConfig", Struct(ClarifyInferenceConfig)
    )
    shap_config: ClarifyShapConfig = member("ShapConfig", Struct(ClarifyShapConfig), required=True)


@attrs.frozen(kw_only=True)
class ExplainerConfig(Shape):
    """The explainer of an endpoint."""

    clarify_explainer_config: ClarifyExplainerConfig | None = member(
        "ClarifyExplainerConfig", Struct(ClarifyExplainerConfig)
    )


@attrs.frozen(kw_only=True)
class VpcConfig(Shape):
    """The network of the endpoint."""

    security_group_ids: tuple[str, ...] = member(
        "SecurityGroupIds", ListOf(item=NETWORK_ID, min_size=1, max_size=5), required=True
    )
    subnets: tuple[str, ...] = member(
        "Subnets", ListOf(item=NETWORK_ID, min_size=1, max_size=16), required=True
    )


@attrs.frozen(kw_only=True)
class MetricsConfig(Shape):
    """Which metrics the endpoint publishes, and how often, in seconds."""

    enable_enhanced_metrics: bool | None = member("EnableEnhancedMetrics", Boolean())
    enable_detailed_observability: bool | None = member("EnableDetailedObservability", Boolean())
    metric_publish_frequency_in_seconds: int | None = member("MetricPublishFrequencyInSeconds", Integer())


@attrs.frozen(kw_only=True)
class CrossRegionTrafficConfig(Shape):
    """How much traffic may go to other Regions."""

    max_invocations_per_second_per_instance: int = member(
        "MaxInvocationsPerSecondPerInstance", Integer(minimum=1, maximum=10000), required=True
    )
    max_cross_region_percent_per_endpoint: int = member(
        "MaxCrossRegionPercentPerEndpoint", Integer(minimum=1, maximum=100), required=True
    )
