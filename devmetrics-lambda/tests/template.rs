//! The template names what there is: metrics that the code writes, variables that it reads, resources of its own.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

use std::collections::{BTreeMap, BTreeSet};

use devmetrics_lambda::{Event, emf};
use serde_yaml_ng::Value;

fn template() -> Value {
    let text = include_str!("../../deploy/template.yaml");
    serde_yaml_ng::from_str(text).expect("the template is YAML")
}

/// What lies at a path of keys.
fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, key| value.get(*key))
}

fn text<'a>(value: &'a Value, path: &[&str]) -> Option<&'a str> {
    at(value, path).and_then(Value::as_str)
}

fn resources(template: &Value) -> Vec<(&str, &Value)> {
    let resources = template["Resources"].as_mapping().unwrap();
    resources
        .iter()
        .map(|(name, resource)| (name.as_str().unwrap(), resource))
        .collect()
}

/// Every `!Ref` and `!GetAtt` in a value.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Tagged(tagged) => {
            if let Some(name) = tagged.value.as_str()
                && (tagged.tag == "Ref" || tagged.tag == "GetAtt")
            {
                found.insert(name.split('.').next().unwrap_or_default().to_owned());
            }
            references(&tagged.value, found);
        }
        Value::Sequence(values) => values.iter().for_each(|value| references(value, found)),
        Value::Mapping(values) => values.iter().for_each(|(_, value)| references(value, found)),
        _ => {}
    }
}

fn variables(function: &Value) -> BTreeSet<String> {
    let variables = at(function, &["Environment", "Variables"]).and_then(Value::as_mapping);
    let names = variables
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str().unwrap().to_owned());
    names.collect()
}

#[test]
fn alarms_are_about_metrics_that_are_written() {
    let template = template();
    let mut own = 0;
    for (name, alarm) in resources(&template) {
        if alarm["Type"] != "AWS::CloudWatch::Alarm" {
            continue;
        }
        let properties = &alarm["Properties"];
        assert!(text(properties, &["AlarmDescription"]).is_some(), "{name}");
        assert!(at(properties, &["TreatMissingData"]).is_some(), "{name}");
        if text(properties, &["Namespace"]) != Some(emf::NAMESPACE) {
            continue;
        }
        own += 1;
        let metric = text(properties, &["MetricName"]).unwrap();
        assert!(
            emf::METRICS.iter().any(|(known, _)| *known == metric),
            "{name}: {metric}"
        );
        let dimensions = properties["Dimensions"].as_sequence().unwrap();
        let names: Vec<_> = dimensions
            .iter()
            .map(|dimension| text(dimension, &["Name"]).unwrap())
            .collect();
        let expected: &[&str] = match metric == emf::PARTIAL_RUNS {
            true => &[emf::FUNCTION, emf::REASON],
            false => &[emf::FUNCTION],
        };
        assert_eq!(
            names, expected,
            "{name}: metrics of other dimensions are other metrics"
        );
    }
    assert!(own >= 3, "{own} alarms are about our metrics");
}

/// What is watched: that slots are planned, that nothing waits in a dead-letter queue, that answers come, and in time.
#[test]
fn every_alarm_that_there_has_to_be_is_there() {
    let template = template();
    let alarms: BTreeSet<_> = resources(&template)
        .into_iter()
        .filter(|(_, resource)| resource["Type"] == "AWS::CloudWatch::Alarm")
        .map(|(_, alarm)| text(alarm, &["Properties", "MetricName"]).unwrap())
        .collect();
    for metric in [
        emf::PLANNED_SLOTS,
        emf::CERTIFICATE_AGE_SECONDS,
        emf::PARTIAL_RUNS,
        "Errors",
        "ApproximateNumberOfMessagesVisible",
        "5xx",
        "Latency",
    ] {
        assert!(alarms.contains(metric), "nobody is told about {metric}");
    }
    // Each dead-letter queue is watched.
    let mut watched = BTreeSet::new();
    for (_, alarm) in resources(&template) {
        if text(alarm, &["Properties", "MetricName"]) == Some("ApproximateNumberOfMessagesVisible") {
            references(&alarm["Properties"]["Dimensions"], &mut watched);
        }
    }
    assert_eq!(
        watched,
        ["DeadLetterQueue", "ScheduleDeadLetterQueue"]
            .map(str::to_owned)
            .into()
    );
}

#[test]
fn functions_are_given_variables_that_they_read() {
    let template = template();
    let settings = include_str!("../src/settings.rs");
    let of_all = variables(&template["Globals"]["Function"]);
    for (name, function) in resources(&template) {
        if function["Type"] != "AWS::Serverless::Function" {
            continue;
        }
        for variable in variables(&function["Properties"]).union(&of_all) {
            assert!(
                settings.contains(&format!("read(\"{variable}\")")),
                "{name}: nobody reads {variable}"
            );
        }
    }
    for needed in ["CONFIG_TOML", "DATABASE_SECRET"] {
        assert!(of_all.contains(needed), "{needed}");
    }
    let collector = variables(&template["Resources"]["CollectorFunction"]["Properties"]);
    assert!(collector.contains("QUEUE_URL") && collector.contains("SOURCE_SECRET"));
}

#[test]
fn everything_that_is_referred_to_is_there() {
    let template = template();
    let mut found = BTreeSet::new();
    references(&template, &mut found);
    for name in &found {
        let known = ["Resources", "Parameters"]
            .iter()
            .any(|part| template[*part].get(name.as_str()).is_some());
        assert!(known || name.starts_with("AWS::"), "there is no {name}");
    }
    let used: BTreeSet<_> = template["Parameters"]
        .as_mapping()
        .unwrap()
        .keys()
        .filter_map(Value::as_str)
        .collect();
    let unused: Vec<_> = used.iter().filter(|name| !found.contains(**name)).collect();
    assert_eq!(unused, Vec::<&&str>::new(), "parameters that nothing uses");
}

/// The queue hides a message for longer than a worker may take, and gives it up to a queue that keeps it.
#[test]
fn queue_schedule_and_function_agree() {
    let template = template();
    let resources = &template["Resources"];
    let timeout = at(resources, &["CollectorFunction", "Properties", "Timeout"])
        .and_then(Value::as_u64)
        .unwrap();
    let hidden = at(resources, &["WorkQueue", "Properties", "VisibilityTimeout"])
        .and_then(Value::as_u64)
        .unwrap();
    assert!(hidden > timeout, "a message comes again while its worker lives");
    let mut dead = BTreeSet::new();
    references(&resources["WorkQueue"]["Properties"]["RedrivePolicy"], &mut dead);
    assert!(dead.contains("DeadLetterQueue"));

    let events = &resources["CollectorFunction"]["Properties"]["Events"];
    let work = &events["Work"]["Properties"];
    assert_eq!(work["FunctionResponseTypes"][0], "ReportBatchItemFailures");
    assert_eq!(
        text(resources, &["CollectorFunction", "Properties", "RecursiveLoop"]),
        Some("Allow")
    );
    // The Scheduler puts the instant into its input; then it is an event of ours.
    let input = text(events, &["Schedule", "Properties", "Input"]).unwrap();
    let sent = input.replace("<aws.scheduler.scheduled-time>", "2026-01-01T04:00:00Z");
    assert_ne!(sent, input);
    let event = Event::read(serde_json::from_str(&sent).unwrap()).unwrap();
    assert!(matches!(event, Event::Schedule { slot: Some(_) }));
}

/// No role may do more than its function does.
#[test]
fn roles_may_do_what_their_functions_do() {
    let template = template();
    let mut actions = BTreeSet::new();
    for function in ["CollectorFunction", "ApiFunction"] {
        let policies = template["Resources"][function]["Properties"]["Policies"]
            .as_sequence()
            .unwrap();
        for statement in policies[0]["Statement"].as_sequence().unwrap() {
            let statement = match statement {
                Value::Tagged(tagged) => &tagged.value[1],
                plain => plain,
            };
            let action = text(statement, &["Action"]).expect("one action a statement");
            assert_ne!(statement["Resource"], "*", "{function}: {action}");
            actions.insert((function, action));
        }
    }
    let expected = [
        ("ApiFunction", "rds-db:connect"),
        ("ApiFunction", "secretsmanager:GetSecretValue"),
        ("CollectorFunction", "rds-db:connect"),
        ("CollectorFunction", "secretsmanager:GetSecretValue"),
        ("CollectorFunction", "sqs:SendMessage"),
    ];
    assert_eq!(actions, expected.into());
}

/// Each metric of ours is seen, by the name and the dimension under which it is written.
#[test]
fn the_dashboard_shows_every_metric_that_is_written() {
    let template = template();
    let body = match &template["Resources"]["Dashboard"]["Properties"]["DashboardBody"] {
        Value::Tagged(tagged) => tagged.value.as_str().unwrap(),
        _ => panic!("the body names resources"),
    };
    let body: serde_json::Value = serde_json::from_str(body).expect("a dashboard is JSON");
    let mut shown = BTreeSet::new();
    for widget in body["widgets"].as_array().unwrap() {
        for metric in widget["properties"]["metrics"].as_array().unwrap() {
            if metric[0] == emf::NAMESPACE {
                assert_eq!(
                    (&metric[2], &metric[3]),
                    (&emf::FUNCTION.into(), &"${CollectorFunction}".into())
                );
                shown.insert(metric[1].as_str().unwrap().to_owned());
            }
        }
    }
    let written: BTreeSet<_> = emf::METRICS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(shown, written);
}

#[test]
fn every_metric_is_told() {
    let told = include_str!("../../docs/lambda.md");
    for (name, _) in emf::METRICS {
        assert!(told.contains(&format!("`{name}`")), "{name}");
    }
}

/// Whoever is woken by an alarm finds it in the runbook: what it means, what to look at, what to do, how it was rehearsed.
#[test]
fn every_alarm_is_in_the_runbook() {
    let runbook = include_str!("../../docs/runbook.md");
    let sections: BTreeMap<_, _> = runbook
        .split("\n## ")
        .skip(1)
        .filter_map(|section| section.split_once('\n'))
        .collect();
    let template = template();
    let mut alarms = BTreeSet::new();
    for (name, resource) in resources(&template) {
        if resource["Type"] == "AWS::CloudWatch::Alarm" {
            let section = sections
                .get(name)
                .unwrap_or_else(|| panic!("{name} has no section"));
            for part in ["**Means.**", "**Look.**", "**Fix.**", "**Rehearsed.**"] {
                assert!(section.contains(part), "{name}: {part}");
            }
            alarms.insert(name);
        }
    }
    let told = sections.keys().filter(|title| title.ends_with("Alarm"));
    assert_eq!(told.copied().collect::<BTreeSet<_>>(), alarms);
}
