// What the vendor's SDK for Node makes of the emulator. Arguments: what to do, the ready line's part for cos-xml, a folder.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const COS = require('cos-nodejs-sdk-v5');

const PART = 1 << 20;
const KEYS = ['dir a/文件+1~.bin', 'a//b', 'trail/', "q?=&;:@$,!*'()", 'nfd e\u0301'];

const [what, line, folder] = process.argv.slice(2);
const ready = JSON.parse(line);
const place = { Bucket: ready.bucket, Region: ready.region || 'ap-guangzhou' };

function client(changes) {
  const address = new URL(ready.endpoint);
  return new COS({
    SecretId: ready.secret_id,
    SecretKey: ready.secret_key,
    SecurityToken: ready.security_token,
    Protocol: address.protocol,
    // The host names bucket and region, as it does at the vendor's; only the connection goes elsewhere.
    Ip: address.host,
    AutoSwitchHost: false,
    ChunkRetryTimes: 0,
    ChunkParallelLimit: 1,
    // Where it remembers its uploads.
    ConfCwd: folder,
    ...changes,
  });
}

// Bytes that look like nothing, the same in each run.
function content(length) {
  const key = Buffer.alloc(32, 1);
  return crypto.createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
}

async function refused(code, work) {
  const error = await work().then(() => undefined, (error) => error);
  assert.equal(error && error.code, code, error && error.message);
  return error;
}

async function wholeObjects(cos) {
  const [key, data] = [KEYS[0], content(300_000)];
  const put = await cos.putObject({ ...place, Key: key, Body: data, 'x-cos-meta-a': 'b' });
  const head = await cos.headObject({ ...place, Key: key });
  assert.equal(head.ETag, put.ETag);
  assert.equal(head.headers['content-length'], String(data.length));
  assert.equal(head.headers['x-cos-meta-a'], 'b');
  assert.deepEqual((await cos.getObject({ ...place, Key: key })).Body, data);
  await refused('NoSuchKey', () => cos.getObject({ ...place, Key: 'nothing' }));
  const missing = await cos.headObject({ ...place, Key: 'nothing' }).catch((error) => error);
  assert.equal(missing.statusCode, 404);
  for (const key of KEYS) await cos.putObject({ ...place, Key: key, Body: key });
  for (const key of KEYS) assert.equal((await cos.getObject({ ...place, Key: key })).Body.toString(), key);
  const listed = (await cos.getBucket({ ...place, MaxKeys: 1000 })).Contents.map((it) => it.Key);
  for (const key of KEYS) assert.ok(listed.includes(key), key);
  await cos.deleteObject({ ...place, Key: KEYS[0] });
}

async function partsByHand(cos) {
  const [key, data] = [KEYS[0], content(2 * PART + 7)];
  const upload = (await cos.multipartInit({ ...place, Key: key })).UploadId;
  const where = { ...place, Key: key, UploadId: upload };
  const parts = [];
  for (const number of [1, 2, 3]) {
    const body = data.subarray((number - 1) * PART, number * PART);
    const sent = await cos.multipartUpload({ ...where, PartNumber: number, Body: body });
    parts.push({ PartNumber: String(number), ETag: sent.ETag });
  }
  const page = await cos.multipartListPart({ ...where, MaxParts: 2 });
  assert.deepEqual([page.Part.map((it) => it.PartNumber), page.IsTruncated], [['1', '2'], 'true']);
  const rest = await cos.multipartListPart({ ...where, PartNumberMarker: page.NextPartNumberMarker });
  assert.deepEqual(rest.Part.map((it) => [it.PartNumber, it.Size]), [['3', '7']]);
  const uploads = (await cos.multipartList({ ...place, Prefix: key })).Upload;
  assert.deepEqual(uploads.map((it) => it.UploadId), [upload]);
  await refused('InvalidPartOrder', () => cos.multipartComplete({ ...where, Parts: [...parts].reverse() }));
  const done = await cos.multipartComplete({ ...where, Parts: parts });
  assert.ok(done.ETag.includes('-'), done.ETag);
  assert.deepEqual((await cos.getObject({ ...place, Key: key })).Body, data);
  const aborted = { ...place, Key: key, UploadId: (await cos.multipartInit({ ...place, Key: key })).UploadId };
  await cos.multipartAbort(aborted);
  await refused('NoSuchUpload', () => cos.multipartListPart(aborted));
  assert.deepEqual((await cos.multipartList({ ...place })).Upload, []);
}

async function everything() {
  await wholeObjects(client());
  await partsByHand(client());
  await refused('SignatureDoesNotMatch', () => client({ SecretKey: 'wrong' }).putObject({ ...place, Key: 'x', Body: 'x' }));
}

function upload() {
  const file = path.join(folder, 'file.bin');
  fs.writeFileSync(file, content(6 * PART + 100));
  return client().sliceUploadFile({ ...place, Key: 'resumed', FilePath: file, SliceSize: PART, ChunkSize: PART });
}

async function interrupted() {
  const error = await upload().then(() => undefined, (error) => error);
  assert.ok(error, 'no answer was lost');
}

async function resumed() {
  await upload();
  assert.deepEqual((await client().getObject({ ...place, Key: 'resumed' })).Body, content(6 * PART + 100));
}

({ everything, interrupted, resumed })[what]().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
