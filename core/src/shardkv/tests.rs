//! Groups, movers and clerks.

mod clerk;
mod lab;
mod machine;
mod mover;
mod mutants;
mod pieces;
mod random;
mod stories;
mod watch;
