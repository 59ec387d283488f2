//! What was asked for.

/// The command line.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) quick: bool,
    /// What building costs, in the place of what requests cost.
    pub(crate) builds: bool,
    rounds: Option<usize>,
    /// The core that client and server share in pinned scenarios.
    pub(crate) core: usize,
    /// The server has the next core to itself.
    pub(crate) two_cores: bool,
    only: Vec<String>,
    clients: Vec<String>,
}

const USAGE: &str = "usage: cargo xtask bench [--quick] [--only SCENARIO]... [--client NAME]... [--rounds N] \
                     [--core N] [--two-cores], or --builds [--rounds N]";

/// Medians of fewer move about.
const ROUNDS: usize = 11;
const QUICK_ROUNDS: usize = 3;

impl Options {
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
        let (only, clients) = (Vec::new(), Vec::new());
        let mut options =
            Options { quick: false, builds: false, rounds: None, core: 0, two_cores: false, only, clients };
        while let Some(flag) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{flag} needs a value\n{USAGE}"));
            match flag.as_str() {
                "--quick" => options.quick = true,
                "--builds" => options.builds = true,
                "--two-cores" => options.two_cores = true,
                "--only" => options.only.push(scenario(value()?)?),
                "--client" => options.clients.push(value()?),
                "--rounds" => options.rounds = Some(number(&value()?)?),
                "--core" => options.core = number(&value()?)?,
                _ => return Err(format!("{flag} is not known\n{USAGE}")),
            }
        }
        Ok(options)
    }

    pub(crate) fn rounds(&self) -> usize {
        self.rounds_or(if self.quick { QUICK_ROUNDS } else { ROUNDS })
    }

    /// As many as were asked for, or `usual`.
    pub(crate) fn rounds_or(&self, usual: usize) -> usize {
        self.rounds.filter(|rounds| *rounds > 0).unwrap_or(usual)
    }

    pub(crate) fn wants(&self, scenario: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == scenario)
    }

    pub(crate) fn wants_client(&self, name: &str) -> bool {
        self.clients.is_empty() || self.clients.iter().any(|wanted| wanted == name)
    }
}

fn scenario(name: String) -> Result<String, String> {
    if bench_harness::Scenario::named(&name).is_some() {
        return Ok(name);
    }
    let known: Vec<&str> = bench_harness::SCENARIOS.iter().map(|scenario| scenario.name).collect();
    Err(format!("there is no scenario {name}; there are {}", known.join(", ")))
}

fn number(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("{text} is not a number\n{USAGE}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_command_line_is_understood_or_refused() {
        let options = parse("--quick --only get --only json --client ureq").unwrap();
        assert_eq!(options.rounds(), QUICK_ROUNDS);
        assert!(options.wants("get") && options.wants("json") && !options.wants("64k"));
        assert!(options.wants_client("ureq") && !options.wants_client("curl"));
        assert!(parse("--only nothing").unwrap_err().contains("there are get, "));
        assert!(parse("--rounds many").is_err() && parse("--core").is_err() && parse("--fast").is_err());
    }
}
