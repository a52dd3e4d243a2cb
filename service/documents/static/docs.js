// A file of its own, because the page's Content-Security-Policy allows no inline script.
"use strict";

const root = document.getElementById("swagger-ui");

SwaggerUIBundle({
  url: root.dataset.document,
  domNode: root,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  // Else the page would tell swagger.io's validator about this service.
  validatorUrl: null,
  // Else ?url=... in a link could show someone else's document under this service's name.
  queryConfigEnabled: false,
  // A token stays in the memory of this tab.
  persistAuthorization: false,
});
