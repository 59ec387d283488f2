//! The results as a table that can be pasted into `docs/performance.md`.

use std::collections::HashMap;
use std::fmt::Write;

use bench_harness::Scenario;

use crate::clients::Runnable;
use crate::options::Options;

/// What was measured: nanoseconds per request, by scenario, client and round.
pub(crate) struct Results<'a> {
    scenarios: &'a [&'static Scenario],
    clients: &'a [Runnable],
    times: HashMap<(&'static str, &'static str), Vec<(usize, f64)>>,
}

impl<'a> Results<'a> {
    pub(crate) fn new(scenarios: &'a [&'static Scenario], clients: &'a [Runnable]) -> Self {
        Results { scenarios, clients, times: HashMap::new() }
    }

    pub(crate) fn add(&mut self, scenario: &Scenario, client: &Runnable, round: usize, time: f64) {
        self.times.entry((scenario.name, client.entry.name)).or_default().push((round, time));
    }

    pub(crate) fn markdown(&self, options: &Options) -> String {
        let others: Vec<&Runnable> =
            self.clients.iter().filter(|client| !client.entry.is_compared()).collect();
        let mut text = self.method(options);
        // Writing to a String cannot fail.
        let _ = write!(text, "| scenario | raw, µs |");
        others.iter().for_each(|client| {
            let _ = write!(text, " {} |", client.entry.title);
        });
        let _ = writeln!(text, " best peer | **reqs** | at most | to the best peer |");
        let _ = writeln!(text, "|---|---:|{}---|---:|---:|---:|", "---:|".repeat(others.len()));
        for scenario in self.scenarios {
            let _ = write!(text, "| {} | {} |", scenario.title, micros(self.median(scenario, "raw")));
            for client in &others {
                let _ = write!(text, " {} |", ratio(self.relative(scenario, client.entry.name, "raw")));
            }
            let reqs = self.relative(scenario, "reqs", "raw");
            let best = others
                .iter()
                .filter(|client| client.entry.is_peer)
                .filter_map(|client| Some((client, self.relative(scenario, client.entry.name, "raw")?)))
                .min_by(|(_, a), (_, b)| a.total_cmp(b));
            let (best_shown, to_best) = match best {
                Some((client, value)) => (
                    format!("{} {value:.2}", client.entry.title),
                    ratio(self.relative(scenario, "reqs", client.entry.name)),
                ),
                None => ("–".to_owned(), "–".to_owned()),
            };
            let mark = if reqs.is_some_and(|reqs| reqs > scenario.target + 0.005) { " ✗" } else { "" };
            let _ = writeln!(
                text,
                " {best_shown} | **{}** | {:.2}{mark} | {to_best} |",
                ratio(reqs),
                scenario.target
            );
        }
        text
    }

    fn method(&self, options: &Options) -> String {
        let rounds = options.rounds();
        let place = if options.two_cores {
            "client and server each on a core of its own"
        } else {
            "client and server on one core"
        };
        let versions: Vec<String> =
            self.clients.iter().map(|client| format!("{} {}", client.entry.title, client.version)).collect();
        let speed = if options.quick { ", --quick" } else { "" };
        format!(
            "Medians of {rounds} interleaved rounds{speed}, {place} unless said otherwise. What is told is the ratio to \
             raw of the client's processor time, kernel included, or of *wall* time. Versions: {}.\n\n",
            versions.join(", ")
        )
    }

    fn of(&self, scenario: &Scenario, client: &'static str) -> &[(usize, f64)] {
        self.times.get(&(scenario.name, client)).map_or(&[], Vec::as_slice)
    }

    fn median(&self, scenario: &Scenario, client: &'static str) -> Option<f64> {
        median(self.of(scenario, client).iter().map(|(_, time)| *time).collect())
    }

    /// The median over the rounds of each round's ratio.
    fn relative(&self, scenario: &Scenario, client: &'static str, to: &'static str) -> Option<f64> {
        let base: HashMap<usize, f64> = self.of(scenario, to).iter().copied().collect();
        let ratios =
            self.of(scenario, client).iter().filter_map(|(round, time)| Some(time / base.get(round)?));
        median(ratios.collect())
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        length if length % 2 == 1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}

fn ratio(value: Option<f64>) -> String {
    match value {
        None => "–".to_owned(),
        Some(value) if value < 10.0 => format!("{value:.2}"),
        Some(value) => format!("{value:.1}"),
    }
}

fn micros(nanoseconds: Option<f64>) -> String {
    nanoseconds.map_or_else(|| "–".to_owned(), |time| format!("{:.1}", time / 1000.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_of_even_and_odd_numbers() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }
}
