//! The result as a table that can be pasted into `docs/performance.md`.

use std::fmt::Write;

use crate::limits::Limit;

/// A figure with its limit.
pub(crate) struct Row<'a> {
    pub(crate) limit: &'a Limit,
    /// `None` where the tool for it is missing.
    pub(crate) measured: Option<f64>,
}

impl Row<'_> {
    pub(crate) fn is_over(&self) -> bool {
        self.measured.is_some_and(|measured| measured > self.limit.limit)
    }

    pub(crate) fn sentence(&self) -> String {
        let Limit { subject, figure, limit, .. } = self.limit;
        format!("{subject}: {} {figure}, limit {}", shown(self.measured), number(*limit))
    }

    fn target(&self) -> f64 {
        self.limit.target.unwrap_or(self.limit.limit)
    }

    fn verdict(&self) -> &'static str {
        match self.measured {
            None => "not measured",
            Some(_) if self.is_over() => "**over the limit**",
            Some(measured) if measured > self.target() => "target not reached",
            Some(_) => "",
        }
    }
}

pub(crate) fn markdown(rows: &[Row<'_>]) -> String {
    let mut text =
        String::from("| of | figure | measured | limit | target | |\n|---|---|---:|---:|---:|---|\n");
    for row in rows {
        let Limit { subject, figure, limit, .. } = row.limit;
        let (measured, limit, target) = (shown(row.measured), number(*limit), number(row.target()));
        // Writing to a String cannot fail.
        let _ =
            writeln!(text, "| {subject} | {figure} | {measured} | {limit} | {target} | {} |", row.verdict());
    }
    text
}

fn shown(measured: Option<f64>) -> String {
    measured.map_or_else(|| "–".to_owned(), number)
}

/// Whole where it is large, with two digits where it is small and not whole; thousands apart.
fn number(value: f64) -> String {
    if value < 100.0 {
        let text = format!("{value:.2}");
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        for (value, text) in [(2.0, "2"), (2.25, "2.25"), (999.6, "1,000"), (20_090.0, "20,090"), (0.0, "0")]
        {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn what_is_over_is_told() {
        let limit = Limit { subject: "get".into(), figure: "syscalls".into(), limit: 2.0, target: Some(1.0) };
        let row = |measured| Row { limit: &limit, measured };
        assert!(row(Some(2.1)).is_over());
        assert!(!row(Some(2.0)).is_over() && !row(None).is_over());
        let table = markdown(&[row(Some(3.0)), row(Some(1.5)), row(Some(1.0)), row(None)]);
        assert!(table.contains("| get | syscalls | 3 | 2 | 1 | **over the limit** |"), "{table}");
        assert!(table.contains("| 1.5 | 2 | 1 | target not reached |"), "{table}");
        assert!(table.contains("| 1 | 2 | 1 |  |"), "{table}");
    }
}
