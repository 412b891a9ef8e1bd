//! What a caller may ask for.

use lexopt::{Arg, Error, Parser, ValueExt};

/// What `cargo xtask help` prints.
pub(crate) const USAGE: &str = "\
cargo xtask <command>

  build [--dev]                        build the page into dist/
  serve [--port N] [--open] [--dev]    build the page and serve it at http://127.0.0.1:8080
  help                                 print this

  --dev      an unoptimised page, built faster
  --port N   listen on another port (0: any free one)
  --open     open the page in your browser";

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
    fn mistakes_are_named() {
        assert!(read("sevre").is_err_and(|error| error.contains("sevre")));
        assert!(read("serve --prot 1").is_err_and(|error| error.contains("--prot")));
        assert!(read("serve --port ninety").is_err_and(|error| error.contains("ninety")));
        assert!(read("build --open").is_err_and(|error| error.contains("--open")));
    }
}
