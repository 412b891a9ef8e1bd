//! What a machine says of itself to save a search time is so.

use shardscope_core::kv::Kv;
use shardscope_core::rng::Rng;
use shardscope_tests::histories::{Cell, Register};

use super::draw::Drawable;

/// What machines said: a reply of something idle, and what cannot be replied any more.
#[derive(Debug, Default)]
struct Said {
    idle: u32,
    excluded: u32,
}

fn hold<M: Drawable>(initial: &M) -> Said {
    let mut said = Said::default();
    for seed in 0..20_000 {
        let mut lane = Rng::keyed(&[seed, 0x6c61_7773]);
        let mut machine = initial.clone();
        for _ in 0..lane.below(5) {
            machine.apply(&M::draw(&mut lane));
        }
        let command = M::draw(&mut lane);
        let mut after = machine.clone();
        let reply = after.apply(&command);
        if M::is_idle(&command, &reply) || machine.read(&command).is_some() {
            assert_eq!(after, machine, "{command:?} gave {reply:?}");
            said.idle += 1;
        }
        // Any reply will do: one of another machine with another past.
        let (asked, mut other) = (M::draw(&mut lane), initial.clone());
        for _ in 0..lane.below(5) {
            other.apply(&M::draw(&mut lane));
        }
        let reply = other.apply(&asked);
        if !machine.excludes(&asked, &reply) {
            continue;
        }
        said.excluded += 1;
        let mut grown = machine.clone();
        for _ in 0..6 {
            assert_ne!(grown.clone().apply(&asked), reply, "{machine:?} excludes {reply:?}");
            let command = M::draw(&mut lane);
            if M::grows(&command) {
                grown.apply(&command);
            }
        }
    }
    said
}

#[test]
fn what_machines_say_of_themselves_is_so() {
    let (store, register, cell) =
        (hold(&Kv::default()), hold(&Register(None)), hold(&Cell(String::new())));
    println!("store {store:?}, register {register:?}, cell {cell:?}");
    assert!(store.idle > 1_000 && register.idle > 1_000 && cell.idle > 1_000);
    assert!(store.excluded > 500 && cell.excluded > 1_000 && register.excluded == 0);
}
