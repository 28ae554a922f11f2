use super::*;
use crate::ErrorKind;

fn custom(id: &str) -> CustomMetric {
    let text = format!("id = '{id}'\nsource = 'incidents'\nmeasure = 'count'\nbetter = 'lower'");
    CustomMetric::new(toml::from_str(&text).unwrap()).unwrap()
}

#[test]
fn every_built_in_metric_has_an_example_and_its_section() {
    let document = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/metrics.md"));
    let headings: Vec<String> = document
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .map(|heading| heading.to_lowercase().replace(' ', "-"))
        .collect();
    for metric in Catalog::builtin().iter() {
        let definition = metric.definition();
        let id = &definition.id;
        let example = definition.example.as_deref().unwrap_or_default();
        assert!(
            example.ends_with('.') && example.contains(|one: char| one.is_ascii_digit()),
            "{id} has no worked example"
        );
        let row = document
            .lines()
            .find(|line| line.starts_with('|') && line.contains(&format!("`{id}`")));
        assert!(row.is_some(), "docs/metrics.md does not list {id}");
        if let Some(anchor) = definition.source.strip_prefix("docs/metrics.md#") {
            assert!(
                headings.iter().any(|heading| heading == anchor),
                "{id}: no section {anchor}"
            );
        } else {
            let words = definition
                .name
                .to_lowercase()
                .replace(" (strict)", "")
                .replace(' ', "-");
            assert!(headings.contains(&words), "{id}: no section {words}");
        }
    }
}

#[test]
fn custom_metrics_stand_beside_the_built_in_ones() {
    let catalog = Catalog::with(vec![custom("drills"), custom("outages")]).unwrap();
    assert_eq!(catalog.iter().count(), Catalog::builtin().iter().count() + 2);
    assert_eq!(catalog.custom().len(), 2);
    assert_eq!(catalog.find("Outages").unwrap().definition().stamp(), "outages@1");
    let error = catalog.find("outagse").err().unwrap();
    assert!(error.message().contains("did you mean `outages`?"), "{error}");
    let error = catalog.find("velocty").err().unwrap();
    assert!(error.message().contains("did you mean `velocity`?"), "{error}");
    let asked = query(&[], "2026-04-01", "2026-04-08");
    let answers = catalog.answer(&asked, &facts(vec![], vec![]), now()).unwrap();
    assert_eq!(answers.last().unwrap().metric, "outages");
    assert!(catalog.needed(&asked, now()).unwrap().1.incidents);
}

#[test]
fn no_id_means_two_metrics() {
    for (ids, words) in [
        (&["velocity"][..], "built-in metric"),
        (&["lead_time"], "`change_lead_time`"),
        (&["outages", "outages"], "two metrics have the id `outages`"),
    ] {
        let error = Catalog::with(ids.iter().copied().map(custom).collect()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let told = error.to_string();
        assert!(told.contains(words) && told.contains(ids[0]), "{told}");
    }
}

#[test]
fn a_catalog_is_kept_as_its_definitions() {
    let catalog = Catalog::with(vec![custom("drills")]).unwrap();
    let text = serde_json::to_string(&catalog).unwrap();
    assert_eq!(serde_json::from_str::<Catalog>(&text).unwrap(), catalog);
    let clash = text.replace("drills", "velocity");
    let error = serde_json::from_str::<Catalog>(&clash).unwrap_err();
    assert!(error.to_string().contains("built-in"), "{error}");
}
