use proptest::prelude::*;

use super::*;
use chrono::{NaiveTime, Weekday};

fn rules(zone: Tz, hours: &[&str]) -> CalendarRules {
    CalendarRules {
        zone,
        hours: hours.iter().map(|text| text.parse().unwrap()).collect(),
        ..CalendarRules::default()
    }
}

fn calendar(zone: Tz, hours: &[&str]) -> Calendar {
    Calendar::new(rules(zone, hours)).unwrap()
}

fn hours(calendar: &Calendar, from: &str, to: &str) -> f64 {
    calendar.working_seconds(at(from), at(to)) as f64 / 3600.0
}

#[test]
fn nights_weekends_and_holidays_are_no_working_time() {
    let calendar = Calendar::new(CalendarRules {
        holidays: ["2026-04-06".parse().unwrap()].into(),
        ..rules(Tz::Europe__Berlin, &["09:00-17:00"])
    })
    .unwrap();
    for (from, to, expected, story) in [
        ("2026-04-01T08:00", "2026-04-01T10:00", 2.0, "within a day"),
        (
            "2026-04-01T14:00",
            "2026-04-02T08:00",
            2.0,
            "over a night: 16 to 17 o'clock, and 9 to 10",
        ),
        (
            "2026-04-03T14:00",
            "2026-04-07T08:00",
            2.0,
            "over a weekend with Easter Monday",
        ),
        ("2026-04-04T00:00", "2026-04-05T00:00", 0.0, "a Saturday"),
        (
            "2026-04-01T15:00",
            "2026-04-01T23:00",
            0.0,
            "after hours: the end itself is outside",
        ),
        ("2026-03-30T00:00", "2026-04-06T00:00", 40.0, "a week"),
        (
            "2025-12-31T08:00",
            "2026-01-02T08:00",
            16.0,
            "over New Year's Day, which nobody listed",
        ),
    ] {
        assert_eq!(hours(&calendar, from, to), expected, "{story}");
        assert_eq!(hours(&calendar, to, from), -expected, "{story}, backwards");
    }
}

#[test]
fn a_break_is_no_working_time() {
    let calendar = calendar(Tz::UTC, &["13:00-17:00", "09:00-12:00"]);
    assert_eq!(hours(&calendar, "2026-04-01T11:30", "2026-04-01T13:30"), 1.0);
}

#[test]
fn round_the_clock_a_day_is_as_long_as_the_clocks_make_it() {
    let every = CalendarRules {
        weekdays: vec![
            Weekday::Mon,
            Weekday::Tue,
            Weekday::Wed,
            Weekday::Thu,
            Weekday::Fri,
            Weekday::Sat,
            Weekday::Sun,
        ],
        ..rules(Tz::Europe__Berlin, &["00:00-24:00"])
    };
    let calendar = Calendar::new(every).unwrap();
    assert_eq!(hours(&calendar, "2026-03-28T23:00", "2026-03-29T22:00"), 23.0);
    assert_eq!(hours(&calendar, "2026-10-24T22:00", "2026-10-25T23:00"), 25.0);
    assert_eq!(hours(&calendar, "1969-06-01T00:00", "2120-06-01T00:00"), {
        (at("2120-06-01") - at("1969-06-01")).num_hours() as f64
    });
}

#[test]
fn what_the_clocks_skip_or_show_twice_is_counted_as_it_passes() {
    let sunday = CalendarRules {
        weekdays: vec![Weekday::Sun],
        ..rules(Tz::Europe__Berlin, &["01:00-04:00"])
    };
    let calendar = Calendar::new(sunday.clone()).unwrap();
    // From 02:00 to 03:00 the clocks went forward, and in autumn back.
    assert_eq!(hours(&calendar, "2026-03-28T12:00", "2026-03-29T12:00"), 2.0);
    assert_eq!(hours(&calendar, "2026-10-24T12:00", "2026-10-25T12:00"), 4.0);
    let within = Calendar::new(CalendarRules {
        hours: vec!["02:10-02:50".parse().unwrap()],
        ..sunday
    })
    .unwrap();
    assert_eq!(
        hours(&within, "2026-03-28T12:00", "2026-03-29T12:00"),
        0.0,
        "skipped"
    );
    assert_eq!(
        within.working_seconds(at("2026-10-24T12:00"), at("2026-10-25T12:00")),
        100 * 60,
        "from the first 02:10 to the second 02:50"
    );
}

#[test]
fn rules_that_leave_nothing_or_contradict_themselves_are_refused() {
    let error = |rules: CalendarRules| Calendar::new(rules).unwrap_err().to_string();
    let none = CalendarRules {
        weekdays: vec![],
        ..CalendarRules::default()
    };
    assert!(error(none).contains("`weekdays`"));
    assert!(error(rules(Tz::UTC, &[])).contains("`hours`"));
    assert!(error(rules(Tz::UTC, &["09:00-13:00", "12:00-17:00"])).contains("overlap"));
    for text in [
        "9 to 5",
        "17:00-09:00",
        "09:00-09:00",
        "09:60-10:00",
        "09:00-24:01",
        "-1:00-02:00",
        "",
    ] {
        let error = text.parse::<WorkingHours>().unwrap_err();
        assert!(error.to_string().contains("09:00-17:00"), "{text}: {error}");
    }
}

#[test]
fn rules_are_written_as_they_are_read() {
    let calendar = calendar(Tz::Europe__Berlin, &["09:00-12:00", "12:30-24:00"]);
    let text = serde_json::to_string(&calendar).unwrap();
    assert!(
        text.contains(r#""hours":["09:00-12:00","12:30-24:00"]"#),
        "{text}"
    );
    assert_eq!(serde_json::from_str::<Calendar>(&text).unwrap(), calendar);
}

/// Merged changes whose milestones are these instants: first commit, opening, readiness, first review, approval, merge.
fn reviewed(instants: [DateTime<Utc>; 6], deployed: DateTime<Utc>) -> PullRequestSample {
    let [first_commit, opened, ready, first_review, approved, merged] = instants.map(Some);
    PullRequestSample {
        first_commit_at: first_commit,
        opened_at: opened,
        ready_at: ready,
        first_review_at: first_review,
        approved_at: approved,
        merged_at: merged,
        deployed_at: Some(deployed),
        matched: Some(DeploymentMatch::Ancestry),
        ..change("a", "2026-04-08")
    }
}

/// The values of these metrics by a clock, in seconds.
fn measured(metrics: &[&str], facts: &Facts, clock: ClockKind) -> Vec<Option<f64>> {
    let asked = query(metrics, "2026-04-01", "2026-11-01").clock(clock);
    let answers = answer(&asked, facts, now()).unwrap();
    assert!(answers.iter().all(|answer| answer.clock == clock));
    answers.iter().map(|answer| answer.total.value).collect()
}

#[test]
fn durations_are_by_the_clock_that_was_asked_for() {
    // Thursday afternoon to Tuesday morning, and two hours more to the merge.
    let instants = [
        "2026-04-02T14:00",
        "2026-04-02T15:00",
        "2026-04-02T15:00",
        "2026-04-07T10:00",
        "2026-04-07T10:30",
        "2026-04-07T12:00",
    ]
    .map(at);
    let mut facts = facts(vec![reviewed(instants, at("2026-04-08T20:00"))], vec![]);
    facts.calendar = Calendar::new(CalendarRules {
        holidays: ["2026-04-03", "2026-04-06"]
            .map(|day| day.parse().unwrap())
            .into(),
        ..CalendarRules::default()
    })
    .unwrap();
    let metrics = [
        "coding",
        "pickup",
        "review",
        "merge",
        "cycle_time",
        "deploy",
        "lead_time",
    ];
    let hours = |clock| -> Vec<f64> {
        measured(&metrics, &facts, clock)
            .into_iter()
            .map(|seconds| seconds.unwrap() / 3600.0)
            .collect()
    };
    assert_eq!(hours(ClockKind::Wall), [1.0, 115.0, 0.5, 1.5, 118.0, 32.0, 150.0]);
    assert_eq!(hours(ClockKind::Working), [1.0, 3.0, 0.5, 1.5, 6.0, 13.0, 19.0]);
}

#[test]
fn clocks_that_differ_are_told_in_working_time_too() {
    let late = |seconds| PullRequestSample {
        first_commit_at: Some(at("2026-04-04") + Duration::seconds(seconds)),
        ..change("a", "2026-04-04")
    };
    for (seconds, n, clamped) in [(60, 1, 1), (61, 0, 0)] {
        let facts = facts(vec![late(seconds)], vec![]);
        let total = one(
            &query(&["cycle"], "2026-04-01", "2026-04-08").clock(ClockKind::Working),
            &facts,
        )
        .total;
        assert_eq!(
            (total.n, total.skew_clamped),
            (n, clamped),
            "on a Saturday, by {seconds} s"
        );
    }
}

/// What the words say, minute by minute.
fn counted(
    rules: &CalendarRules,
    from: DateTime<Utc>,
    minutes: i64,
    begin: NaiveTime,
    end: NaiveTime,
) -> i64 {
    (0..minutes)
        .map(|minute| (from + Duration::minutes(minute)).with_timezone(&rules.zone))
        .filter(|local| {
            use chrono::Datelike;
            rules.weekdays.contains(&local.weekday())
                && !rules.holidays.contains(&local.date_naive())
                && (begin..end).contains(&local.time())
        })
        .count() as i64
        * 60
}

fn zones() -> impl Strategy<Value = Tz> {
    prop::sample::select(vec![
        Tz::UTC,
        Tz::Europe__Berlin,
        Tz::America__New_York,
        Tz::America__Santiago,
        Tz::Australia__Lord_Howe,
        Tz::Pacific__Apia,
        Tz::Asia__Kolkata,
    ])
}

proptest! {
    #[test]
    fn working_time_is_that_of_every_minute(
        zone in zones(), from in 20_000_000i64..31_000_000, minutes in 0i64..30_000,
    ) {
        let mut asked = rules(zone, &["08:30-17:15"]);
        asked.holidays = ["2011-12-26".parse().unwrap(), "2020-05-01".parse().unwrap()].into();
        let from = DateTime::from_timestamp(from * 60, 0).unwrap();
        let found = Calendar::new(asked.clone()).unwrap().working_seconds(from, from + Duration::minutes(minutes));
        let (begin, end) = (NaiveTime::from_hms_opt(8, 30, 0).unwrap(), NaiveTime::from_hms_opt(17, 15, 0).unwrap());
        prop_assert_eq!(found, counted(&asked, from, minutes, begin, end));
    }

    #[test]
    fn phases_telescope_in_working_time(
        mut instants in prop::array::uniform7(1_775_000_000i64..1_785_000_000), zone in zones(),
    ) {
        instants.sort_unstable();
        let [first, opened, ready, review, approved, merged, deployed] =
            instants.map(|at| DateTime::from_timestamp(at, 0).unwrap());
        let mut facts = facts(vec![reviewed([first, opened, ready, review, approved, merged], deployed)], vec![]);
        facts.calendar = calendar(zone, &["09:00-12:30", "13:00-17:45"]);
        let seconds = measured(
            &["coding", "pickup", "review", "merge", "cycle_time", "deploy", "lead_time"], &facts, ClockKind::Working,
        );
        let seconds: Vec<f64> = seconds.into_iter().map(Option::unwrap).collect();
        prop_assert_eq!(seconds[..4].iter().sum::<f64>(), seconds[4]);
        prop_assert_eq!(seconds[4] + seconds[5], seconds[6]);
    }

    #[test]
    fn working_time_adds_up(
        zone in zones(), instants in prop::array::uniform3(900_000_000i64..2_000_000_000),
        hours in prop::sample::select(vec!["09:00-17:00", "00:00-24:00", "01:30-02:30"]),
    ) {
        let calendar = calendar(zone, &[hours]);
        let [a, b, c] = instants.map(|at| DateTime::from_timestamp(at, 0).unwrap());
        let of = |from, to| calendar.working_seconds(from, to);
        prop_assert_eq!(of(a, c), of(a, b) + of(b, c));
        let wall = (b - a).num_seconds();
        prop_assert!((wall.min(0)..=wall.max(0)).contains(&of(a, b)));
    }
}
