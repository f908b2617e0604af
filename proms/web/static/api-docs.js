const page = document.getElementById("description");
SwaggerUIBundle({ url: page.dataset.url, domNode: page, deepLinking: true, validatorUrl: null });
