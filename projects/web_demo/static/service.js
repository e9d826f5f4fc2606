// Requests to the server. A page has one session, whose token no other page knows.

export class Service {
  async open() {
    Object.assign(this, await request('api/sessions', {method: 'POST'}));
    this.base = `api/sessions/${this.token}`;
    return this;
  }

  state() { return request(this.base); }
  example(name) { return this.post(`examples/${encodeURIComponent(name)}`); }
  draw(drawing) { return this.post('drawings', JSON.stringify(drawing)); }
  undo() { return this.post('drawings/undo'); }
  clear() { return this.post('drawings/clear'); }
  run(model) { return this.post(`run/${model}`); }
  stop() { return this.post('stop'); }
  // Also sent while the page is unloaded.
  close() { navigator.sendBeacon(`${this.base}/close`); }
  post(path, body) { return request(`${this.base}/${path}`, {method: 'POST', body}); }

  // Versions make addresses of different clips and results differ.
  frame(clip, index) { return `${this.base}/frames/${index}.jpg?${clip.version}`; }
  resultFrame(job, index) { return `${this.base}/result/${index}.jpg?${job.version}`; }
  resultFile(job, name) { return `${this.base}/result/${name}?${job.version}`; }

  // `onProgress` gets the fraction sent; fetch does not report it.
  upload(file, onProgress) {
    const mb = this.limits.megabytes;
    if (file.size > mb * 1e6) {
      const size = (file.size / 1e6).toFixed(1);
      return Promise.reject(new Error(`${file.name} has ${size} MB; the limit is ${mb} MB. Cut it, or save it smaller.`));
    }
    return new Promise((resolve, reject) => {
      const sender = new XMLHttpRequest();
      sender.open('POST', `${this.base}/clip?name=${encodeURIComponent(file.name)}`);
      sender.responseType = 'json';
      sender.upload.onprogress = (event) => onProgress(event.loaded / event.total);
      sender.onload = () => sender.status === 200 ? resolve(sender.response) : reject(failure(sender.response));
      sender.onerror = () => reject(new Error('The upload failed. Is the server still running?'));
      sender.send(file);
    });
  }
}

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error('The server does not answer. Is it still running?');
  }
  const content = await response.json().catch(() => null);
  if (!response.ok) throw failure(content, response.status);
  return content;
}

function failure(content, status) {
  return Object.assign(new Error(content?.error ?? 'Internal server error; see the log of the server.'), {status});
}
