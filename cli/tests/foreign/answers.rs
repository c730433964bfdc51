//! That each server is there, and is what the vendor's SDK takes for S3.

use crate::server::Kind;

fn answers(kind: Kind) {
    let Some(server) = kind.server() else { return };
    server.ask("everything", &[]);
}

#[test]
fn moto_answers_the_vendors_sdk() {
    answers(Kind::Moto);
}

#[test]
fn rclone_answers_the_vendors_sdk() {
    answers(Kind::Rclone);
}

#[test]
fn swift_answers_the_vendors_sdk() {
    answers(Kind::Swift);
}
