//! What is printed on the standard output.

use std::fmt;
use std::io::{self, ErrorKind, Write as _};
use std::process;

use crate::end::Refusal;

/// Prints text as it is. Whoever reads may have heard enough (`| head`); the exit code still
/// counts.
pub(crate) fn text(text: fmt::Arguments<'_>) {
    let Err(error) = io::stdout().lock().write_fmt(text) else { return };
    if error.kind() == ErrorKind::BrokenPipe {
        return;
    }
    let refusal = Refusal(format!("The standard output takes no more: {error}."));
    eprintln!("shardscope: {refusal}");
    process::exit(2);
}

/// Prints a line.
macro_rules! say {
    ($($part:tt)*) => {
        $crate::out::text(format_args!("{}\n", format_args!($($part)*)))
    };
}

pub(crate) use say;
