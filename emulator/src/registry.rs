//! The vendors: one line each, in the order in which a request is offered to them.

use crate::faults::Facts;

/// Hands the list to a macro. A line names the vendor, its module and its server, and in brackets the earlier vendor whose server
/// it works with. Before the list is asked, `claim` looks at signatures and headers.
macro_rules! vendors {
    ($with:ident) => {
        $with! {
            "Tencent COS JSON API v2." cos_v2::CosV2();
            "Tencent COS JSON API v1." cos_v1::CosV1();
            "iFLYTEK's OST file upload." xfyun::Xfyun();
            "Aliyun OSS." oss::Oss();
            "Amazon S3, and servers that speak it." s3::S3();
            "Tencent COS XML API." cos_xml::CosXml();
            "The 115 open platform." p115::P115(oss);
        }
    };
}

macro_rules! facts {
    ($($doc:literal $vendor:ident::$server:ident($($with:ident)?);)+) => {
        /// What is known of each.
        pub(crate) const ALL: &[&Facts] = &[$(&crate::$vendor::FACTS),+];
    };
}

vendors!(facts);

pub(crate) use vendors;

/// The first segments of all paths that are fixed, each once.
pub(crate) fn roots() -> Vec<&'static str> {
    let mut roots: Vec<&str> = ALL.iter().flat_map(|facts| facts.roots).copied().collect();
    roots.sort_unstable();
    roots.dedup();
    roots
}

pub(crate) fn facts(name: &str) -> Option<&'static Facts> {
    ALL.iter().find(|facts| facts.name == name).copied()
}
