//! What is stored by a quorum, and which refusals are believed: the small decisions by themselves.

use super::*;

#[test]
fn a_quorum_has_reached_the_highest_slot_that_enough_have_and_that_is_news() {
    let slot = |size, commit, slots: &[u64]| {
        let slots = slots.iter().map(|slot| Slot(*slot));
        quorum_slot(size, Slot(commit), slots).map(|slot| slot.0)
    };
    assert_eq!(slot(2, 3, &[5, 4, 3]), Some(4));
    assert_eq!(slot(3, 3, &[9, 8, 7, 4, 4]), Some(7));
    assert_eq!(slot(3, 3, &[9, 9, 3, 2, 1]), None, "three have slot 3, which is committed");
    assert_eq!(slot(2, 4, &[5, 4, 3]), None);
    assert_eq!(slot(1, 0, &[1]), Some(1));
    assert_eq!(slot(2, 0, &[7]), None, "one is no quorum");
    assert_eq!(slot(2, 0, &[]), None);
}

fn peer(mode: Mode, matched: u64, next: u64) -> Peer {
    let (matched, next) = (Slot(matched), Slot(next));
    Peer {
        id: NodeId(1),
        next,
        matched,
        mode,
        heard: Instant::ZERO,
        round: 0,
        counts: true,
        room: u64::MAX,
    }
}

#[test]
fn a_refusal_is_believed_about_what_was_asked_and_not_about_what_is_stored() {
    let believed = |mode| {
        let peer = peer(mode, 3, 7);
        let slots = (0..10).filter(|slot| peer.believes(&super::super::rules::PAPER, Slot(*slot)));
        slots.collect::<alloc::vec::Vec<_>>()
    };
    assert_eq!(believed(Mode::Probe { waiting: true }), [6], "one message is on its way");
    assert_eq!(believed(Mode::Stream), [4, 5, 6]);
    assert_eq!(believed(Mode::Snapshot { sent: Instant::ZERO }), [] as [u64; 0]);
}

#[test]
fn an_acknowledgement_moves_a_follower_on_and_never_back() {
    let after = |mode, matched| {
        let mut peer = peer(mode, 3, 7);
        peer.on_matched(Slot(matched));
        (peer.matched.0, peer.next.0, peer.mode)
    };
    let (probe, sent) = (Mode::Probe { waiting: true }, Mode::Snapshot { sent: Instant::ZERO });
    assert_eq!(after(probe, 5), (5, 6, Mode::Stream), "from where the logs are known to agree");
    assert_eq!(after(Mode::Stream, 5), (5, 7, Mode::Stream), "what is on its way stays so");
    assert_eq!(after(Mode::Stream, 9), (9, 10, Mode::Stream));
    assert_eq!(after(Mode::Stream, 2), (3, 7, Mode::Stream), "an old one");
    assert_eq!(after(sent, 5), (5, 7, sent), "not the snapshot's");
    assert_eq!(after(sent, 6), (6, 7, Mode::Stream));
}

#[test]
fn after_a_refusal_one_message_at_a_time_until_acknowledgements_make_room() {
    let mut peer = peer(Mode::Stream, 3, 7);
    assert_eq!(peer.room(64), 61, "the window, but for what is on its way");
    assert_eq!(peer.room(2), 0);
    peer.on_refused(Slot(4));
    assert_eq!((peer.next, peer.mode), (Slot(4), Mode::Probe { waiting: false }));
    peer.on_matched(Slot(5));
    assert_eq!(peer.room(64), 64, "nothing is on its way: one message may be as long as any");
    peer.next = Slot(7);
    assert_eq!(peer.room(64), 1, "two were acknowledged");
    peer.next = Slot(8);
    assert_eq!(peer.room(64), 0);
    peer.on_matched(Slot(6));
    assert_eq!(peer.room(64), 2, "one less on its way, and room for one more");
    peer.on_matched(Slot(6));
    assert_eq!(peer.room(64), 2, "an old acknowledgement makes no room");
}

#[test]
fn room_that_was_never_taken_is_the_windows() {
    let mut peer = peer(Mode::Stream, 3, 7);
    peer.on_matched(Slot(6));
    assert_eq!((peer.room, peer.room(64)), (u64::MAX, 64));
    peer.mode = Mode::Probe { waiting: true };
    peer.on_refused(Slot(7));
    assert_eq!(peer.room, u64::MAX, "what is asked one by one may be refused");
}
