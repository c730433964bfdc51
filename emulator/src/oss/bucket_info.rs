//! `GET /?bucketInfo`: what is known of a bucket.

use super::answer::Success;
use super::call::Call;
use crate::part_store::{Xml, owner};

pub(super) fn run(call: &Call<'_>) -> Success {
    let (region, host) = (&call.server.config.region, call.server.config.host());
    Success::xml(Xml::document("BucketInfo", |xml| {
        xml.nest("Bucket", |xml| {
            xml.leaf("CreationDate", "2016-01-01T00:00:00.000Z");
            xml.leaf("ExtranetEndpoint", &host);
            xml.leaf("IntranetEndpoint", &host);
            xml.leaf("Location", &format!("oss-{region}"));
            xml.leaf("StorageClass", "Standard");
            xml.leaf("Name", call.bucket);
            owner(xml);
            xml.nest("AccessControlList", |xml| xml.leaf("Grant", "private"));
        });
    }))
}
