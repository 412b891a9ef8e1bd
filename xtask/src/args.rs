//! What a caller may ask for.

use std::ffi::OsString;
use std::process;

use lexopt::{Arg, Error, Parser, ValueExt};

/// What `cargo xtask help` prints.
pub(crate) const USAGE: &str = "\
cargo xtask <command>

  build [--dev]                        build the page into dist/
  serve [--port N] [--open] [--dev]    build the page and serve it at http://127.0.0.1:8080
  test [--deep] [--no-browser] [--only STEP] [-- ARGS]
                                       check everything: formatting, lints, tests, the page
  shot [--dev] [--url URL] <step>...   take pictures of the page (`shot --help` lists the steps)
  help                                 print this

  --dev      an unoptimised page, built faster
  --port N   listen on another port (0: any free one)
  --open     open the page in your browser
  --deep     many more seeds, for minutes
  --no-browser
             leave out the tests that need Chromium
  --only STEP
             one step of the table that `test` prints; what follows `--` goes to the page's
             tests, such as a part of a test's name
  --url URL  take what is served there already, and build nothing";

/// The port of `serve` when none is named.
const PORT: u16 = 8080;

/// One call of xtask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Print the usage.
    Help,
    /// Build the page.
    Build {
        /// How to compile it.
        profile: Profile,
    },
    /// Build the page and serve it until interrupted.
    Serve {
        /// How to compile it.
        profile: Profile,
        /// Where to listen on 127.0.0.1.
        port: u16,
        /// Whether to open a browser.
        open: bool,
    },
    /// Check everything.
    Test(Test),
    /// Take pictures of the page.
    Shot {
        /// How to compile it.
        profile: Profile,
        /// Where it is served already.
        url: Option<String>,
        /// What to do with it: read by the program that does it.
        steps: Vec<OsString>,
    },
}

/// What to check, and how thoroughly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Test {
    /// Whether the long searches run too.
    pub(crate) deep: bool,
    /// Whether to do without a browser.
    pub(crate) no_browser: bool,
    /// The one step to take, if not all.
    pub(crate) only: Option<String>,
    /// What the page's tests are told besides.
    pub(crate) rest: Vec<OsString>,
}

impl Test {
    /// Tells a test command which tier to run.
    pub(crate) fn tell<'a>(&self, command: &'a mut process::Command) -> &'a mut process::Command {
        if self.deep { command.env("SHARDSCOPE_DEEP", "1") } else { command }
    }
}

/// How the page is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// As it is published.
    Release,
    /// Fast to build, slow to run.
    Dev,
}

/// Reads a command line.
pub(crate) fn parse(mut parser: Parser) -> Result<Command, Error> {
    match parser.next()? {
        None | Some(Arg::Long("help") | Arg::Short('h')) => Ok(Command::Help),
        Some(Arg::Value(name)) => match name.string()?.as_str() {
            "help" => Ok(Command::Help),
            "build" => build(parser),
            "serve" => serve(parser),
            "test" => test(parser),
            "shot" => shot(parser),
            other => Err(format!("there is no command '{other}'; try `cargo xtask help`").into()),
        },
        Some(other) => Err(other.unexpected()),
    }
}

fn build(mut parser: Parser) -> Result<Command, Error> {
    let mut profile = Profile::Release;
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("dev") => profile = Profile::Dev,
            Arg::Long("help") => return Ok(Command::Help),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Command::Build { profile })
}

fn serve(mut parser: Parser) -> Result<Command, Error> {
    let (mut profile, mut port, mut open) = (Profile::Release, PORT, false);
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("dev") => profile = Profile::Dev,
            Arg::Long("open") => open = true,
            Arg::Long("port") => port = parser.value()?.parse()?,
            Arg::Long("help") => return Ok(Command::Help),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Command::Serve { profile, port, open })
}

fn test(mut parser: Parser) -> Result<Command, Error> {
    let mut test = Test::default();
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("deep") => test.deep = true,
            Arg::Long("no-browser") => test.no_browser = true,
            Arg::Long("only") => test.only = Some(parser.value()?.string()?),
            Arg::Long("help") => return Ok(Command::Help),
            Arg::Value(value) => test.rest.push(value),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Command::Test(test))
}

fn shot(mut parser: Parser) -> Result<Command, Error> {
    let (mut profile, mut url) = (Profile::Release, None);
    let mut rest = parser.raw_args()?;
    loop {
        if rest.next_if(|arg| arg == "--dev").is_some() {
            profile = Profile::Dev;
        } else if rest.next_if(|arg| arg == "--url").is_some() {
            url = Some(rest.next().ok_or("missing argument for option '--url'")?.string()?);
        } else {
            return Ok(Command::Shot { profile, url, steps: rest.collect() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Command, String> {
        parse(Parser::from_args(line.split_whitespace())).map_err(|error| error.to_string())
    }

    #[test]
    fn plain_commands_have_plain_defaults() {
        let profile = Profile::Release;
        assert_eq!(read(""), Ok(Command::Help));
        assert_eq!(read("build"), Ok(Command::Build { profile }));
        assert_eq!(read("serve"), Ok(Command::Serve { profile, port: 8080, open: false }));
    }

    #[test]
    fn options_are_read() {
        let profile = Profile::Dev;
        let expected = Command::Serve { profile, port: 9000, open: true };
        assert_eq!(read("serve --open --port=9000 --dev"), Ok(expected));
    }

    #[test]
    fn a_test_run_can_be_narrowed() {
        assert_eq!(read("test"), Ok(Command::Test(Test::default())));
        let (only, rest) = (Some("browser".into()), vec!["--exact".into(), "look".into()]);
        let expected = Command::Test(Test { deep: true, no_browser: false, only, rest });
        assert_eq!(read("test --deep --only browser -- --exact look"), Ok(expected));
    }

    #[test]
    fn the_steps_of_a_picture_are_handed_on() {
        let steps = ["--size", "390x844", "--dev"].map(OsString::from).to_vec();
        let expected = Command::Shot { profile: Profile::Dev, url: Some("u".into()), steps };
        assert_eq!(read("shot --dev --url u --size 390x844 --dev"), Ok(expected));
        assert!(read("shot --url").is_err_and(|error| error.contains("--url")));
    }

    #[test]
    fn mistakes_are_named() {
        assert!(read("sevre").is_err_and(|error| error.contains("sevre")));
        assert!(read("serve --prot 1").is_err_and(|error| error.contains("--prot")));
        assert!(read("serve --port ninety").is_err_and(|error| error.contains("ninety")));
        assert!(read("build --open").is_err_and(|error| error.contains("--open")));
    }
}
